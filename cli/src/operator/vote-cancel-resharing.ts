import type { OperatorOptions } from '../commands/operator-options.ts'
import { planResharingCancellation } from './plan.ts'
import { readHome } from './read-home.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget } from './target.ts'

export async function voteCancelResharingCommand(options: OperatorOptions & { home?: string }): Promise<void> {
  const target = resolveTarget(options, options.home === undefined ? undefined : await readHome(options.home))
  await runOperatorCommand(
    options,
    target,
    planResharingCancellation(),
    `${target.accountId} has voted; the network runs on as before once the governance threshold has.`,
  )
}
