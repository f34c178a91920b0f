import { printable } from '@holdfast/protocol/printable.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { OperatorOptions } from '../commands/operator-options.ts'
import { deletionTexts, lookUpOldKeys } from './old-keys.ts'
import { planAuthorisation, planNodeKey } from './plan.ts'
import { runOperatorCommand } from './run-operator-command.ts'
import { resolveKeys, resolveTarget, type Target } from './target.ts'
import { refuseForeignKey } from './tls-key-holder.ts'
import { withReader } from './with-reader.ts'

export type AuthoriseOptions = OperatorOptions & {
  home?: string
  tlsKey?: string
  signerKey?: string
  expiresIn?: number
  allowance?: bigint
  deleteOldKeys?: true
}

export async function authoriseCommand(options: AuthoriseOptions): Promise<void> {
  const { tlsKey, signerKey, home } = await resolveKeys(options, 'node')
  const target = resolveTarget(options, home)
  const takesPart = target.rpcUrls.length === 0 || (await checkAccount(target, tlsKey))
  const oldKeys = await lookUpOldKeys(target, signerKey, { mustBeKnown: options.deleteOldKeys === true })
  const replaces = options.deleteOldKeys ? oldKeys : []
  const key = { signerKey, allowanceYocto: options.allowance, replaces }
  const actions = takesPart
    ? planAuthorisation({ ...key, tlsKey, expiresInSeconds: options.expiresIn })
    : planNodeKey(key)
  await runOperatorCommand(
    options,
    target,
    actions,
    `The node with TLS key ${tlsKey} may now act for ${target.accountId}; start it with holdfast node run.` +
      (takesPart
        ? ''
        : ` ${target.accountId} takes no part yet, so there is no node to replace: the new one asks to be let in, and the ` +
          `participants vote for it with holdfast vote-new-parameters --add ${target.accountId}.`),
  )
  if (!options.deleteOldKeys && oldKeys.length > 0) adviseToDelete(oldKeys, target)
}

/**
 * Whether the account takes part. A contract that cannot be read now refuses by itself what it must; a mix-up of keys is
 * then said later, by the new node. @throws HoldfastError `TLS_KEY_OF_ANOTHER`
 */
async function checkAccount(target: Target, tlsKey: Ed25519KeyText): Promise<boolean> {
  const { accountId } = target
  try {
    const view = await withReader(target, (reader, signal) => reader.readView(signal))
    refuseForeignKey(view, accountId, tlsKey)
    return view.state.kind === 'NotInitialized' || participantOf(view.state, accountId) !== undefined
  } catch (error) {
    if (isHoldfastError(error, 'TLS_KEY_OF_ANOTHER')) throw error
    process.stderr.write(`whether another operator has this TLS key is unknown: ${printable(errorMessage(error))}\n`)
    return true
  }
}

/** On stderr: standard output is the commands, or JSON. */
function adviseToDelete(oldKeys: readonly Ed25519KeyText[], target: Target): void {
  process.stderr.write(
    `${target.accountId} has ${oldKeys.length} other access key(s) with a node's rights. Whoever finds one on an old disk ` +
      'can spend the account on gas and disturb key generation. Delete those of machines that are gone, or authorise ' +
      `with --delete-old-keys:\n${deletionTexts(oldKeys, target)}`,
  )
}
