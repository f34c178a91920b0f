import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { printable } from '@holdfast/protocol/printable.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { shutdownSignal } from '../shutdown.ts'
import { perform } from './perform.ts'
import type { OperatorAction } from './plan.ts'
import { describeAction, nearCliText } from './render-action.ts'
import type { Target } from './target.ts'

/**
 * Shows what an operator's command does as near-cli-rs commands and, unless it is a dry run, does it with the key file.
 * @throws HoldfastError `USAGE` without a key file, `KEY_FILE_OF_OTHER_ACCOUNT`, and those of the chain.
 */
export async function runOperatorCommand(
  options: OperatorOptions,
  target: Target,
  actions: OperatorAction[],
  outcome: string,
): Promise<void> {
  const commands = actions.map((action) => nearCliText(action, target))
  if (options.dryRun) {
    console.log(options.json ? JSON.stringify({ dry_run: true, near_cli: commands }) : printable(commands.join('\n')))
    return
  }
  if (options.keyFile === undefined) {
    throw new HoldfastError(
      'USAGE',
      `missing option: --key-file, the full-access key of ${target.accountId}; or use --dry-run and run the printed commands yourself`,
    )
  }
  const { readNearCredentials } = await import('../near/credentials.ts')
  const credentials = await readNearCredentials(options.keyFile)
  if (credentials.accountId !== target.accountId) {
    throw new HoldfastError(
      'KEY_FILE_OF_OTHER_ACCOUNT',
      `the key file ${options.keyFile} is of ${credentials.accountId}, expected one of ${target.accountId}`,
    )
  }
  const done = await perform({ ...target, seed: credentials.seed, actions, signal: shutdownSignal() })
  if (options.json) {
    console.log(JSON.stringify({ dry_run: false, near_cli: commands, transactions: done }))
    return
  }
  for (const [index, action] of actions.entries()) {
    const hash = done[index]
    console.log(printable(`${describeAction(action)}: ${hash === null ? 'was there already' : `done (${hash})`}`))
    console.log(printable(`  the same with near-cli-rs: ${commands[index]}`))
  }
  console.log(printable(outcome))
}
