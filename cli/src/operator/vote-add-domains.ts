import type { OperatorOptions } from '../commands/operator-options.ts'
import type { NewDomain } from '../domain-option.ts'
import { planDomainVote } from './plan.ts'
import { readHome } from './read-home.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget } from './target.ts'

export async function voteAddDomainsCommand(
  options: OperatorOptions & { home?: string; domain: NewDomain[] },
): Promise<void> {
  const target = resolveTarget(options, options.home === undefined ? undefined : await readHome(options.home))
  await runOperatorCommand(
    options,
    target,
    planDomainVote(options.domain),
    `${target.accountId} has voted; key generation starts once every participant has voted for the same list.`,
  )
}
