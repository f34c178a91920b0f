import { printable } from '@holdfast/protocol/printable.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { shutdownSignal } from '../shutdown.ts'
import { checkMove, type Destination, type Move } from './check-move.ts'
import { deletionTexts, lookUpOldKeys } from './old-keys.ts'
import { planMove } from './plan.ts'
import { reachNode } from './reach-node.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveKeys, resolveTarget } from './target.ts'
import { withReader } from './with-reader.ts'

export type MigrateOptions = OperatorOptions & {
  home?: string
  tlsKey?: string
  signerKey?: string
  url?: string
  allowance?: bigint
  /** False with --no-dial. */
  dial: boolean
}

/**
 * `holdfast migrate`. A dry run needs no endpoint, and with one looks too.
 * @throws HoldfastError `USAGE`, `MOVE_IMPOSSIBLE`, `TLS_KEY_OF_ANOTHER`, `DESTINATION_UNREACHABLE`, `DESTINATION_WRONG_KEY`, and
 * those of the chain
 */
export async function migrateCommand(options: MigrateOptions): Promise<void> {
  const { tlsKey, signerKey, home } = await resolveKeys(options, 'node')
  const url = options.url ?? home?.url
  if (url === undefined)
    throw new HoldfastError('USAGE', 'missing option: --url, where the other nodes reach the new one')
  const destination: Destination = { url, tlsKey, signerKey }
  const target = resolveTarget(options, home)
  const looks = target.rpcUrls.length > 0
  if (looks) {
    const view = await withReader(target, (reader, signal) => reader.readView(signal))
    // On stderr: standard output is the commands, or JSON.
    process.stderr.write(
      `${printable(describeMove(target.accountId, destination, checkMove(view, target.accountId, destination)))}\n`,
    )
  }
  if (options.dial) await reachNode(destination, shutdownSignal())
  await runOperatorCommand(
    options,
    target,
    planMove({ ...destination, allowanceYocto: options.allowance }),
    `${target.accountId} moves to the node with TLS key ${tlsKey} as soon as that has the shares, which the backup service ` +
      'brings; until then the present node goes on. holdfast status shows the move, holdfast cancel-migration gives it up.',
  )
  const oldKeys = looks ? await lookUpOldKeys(target, signerKey, { mustBeKnown: false }) : []
  if (oldKeys.length === 0) return
  process.stderr.write(
    'Once the move is concluded, and not before, delete the access keys of earlier nodes; who finds one on an old disk can ' +
      `spend the account on gas and disturb key generation:\n${deletionTexts(oldKeys, target)}`,
  )
}

/** The move for a person, who is about to order it. */
export function describeMove(accountId: string, to: Destination, { from, replaces, hasBackupService }: Move): string {
  return [
    `planned move of ${accountId}`,
    `  from: ${from.tlsKey} at ${from.url}`,
    `  to:   ${to.tlsKey} at ${to.url}, which votes with ${to.signerKey}`,
    ...(replaces === undefined ? [] : [`  instead of the move to ${replaces}, which is pending`]),
    ...(hasBackupService
      ? []
      : [
          '  no backup service is registered, and other nodes repair nothing in a move: unless the new node has the shares ' +
            'already, holdfast register one first',
        ]),
  ].join('\n')
}
