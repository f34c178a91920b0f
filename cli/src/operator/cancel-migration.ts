import { printable } from '@holdfast/protocol/printable.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { deletionTexts } from './old-keys.ts'
import { planMoveCancellation } from './plan.ts'
import { readHome } from './read-home.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveTarget } from './target.ts'
import { withReader } from './with-reader.ts'

/** `holdfast cancel-migration`. @throws HoldfastError `USAGE`, `NO_MOVE`, and those of the chain */
export async function cancelMigrationCommand(options: OperatorOptions & { home?: string }): Promise<void> {
  const target = resolveTarget(options, options.home === undefined ? undefined : await readHome(options.home))
  const { accountId } = target
  const { migrationInfo } =
    target.rpcUrls.length === 0
      ? { migrationInfo: undefined }
      : await withReader(target, (reader, signal) => reader.readView(signal))
  const pending = migrationInfo?.[accountId]?.[1] ?? undefined
  if (migrationInfo !== undefined && pending === undefined) {
    throw new HoldfastError(
      'NO_MOVE',
      `${accountId} has no planned move to give up: it was concluded, given up, or ended by a recovery; see holdfast status`,
    )
  }
  await runOperatorCommand(
    options,
    target,
    planMoveCancellation(),
    `${accountId}'s planned move is given up; its present node goes on, and the other one destroys what it was brought.`,
  )
  if (pending === undefined) return
  process.stderr.write(
    `The access key of the node at ${printable(pending.destination_node_info.url)} stays on the account. If that machine is not to act ` +
      `for it later, delete its key:\n${deletionTexts([pending.signer_account_pk], target)}`,
  )
}
