import { printable } from '@holdfast/protocol/printable.ts'
import { NODE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { functionCallKeys, type FunctionCallKey } from '@holdfast/protocol/rpc/near-queries.ts'
import { majorityOf } from '@holdfast/protocol/rpc/quorum-size.ts'
import { agreedKeys, keyLists } from '../near/agreed-keys.ts'
import { deleteKeysText } from '../near/near-cli-text.ts'
import { shutdownSignal } from '../shutdown.ts'
import type { Target } from './target.ts'

/** Whose keys are looked for; `newKey` is the signer key of the node that is being authorised. */
export type OldKeysOf = {
  accountId: string
  contractId: string
  rpcUrls: readonly string[]
  newKey: Ed25519KeyText
  signal: AbortSignal
}

/**
 * The signer keys of the account's other nodes, lost ones mostly: function-call keys for the contract with exactly a
 * node's methods. Whoever finds such a key on an old disk can still spend the account's gas. A key
 * counts if a majority of the endpoints lists it, for it may be deleted on their word.
 * @throws HoldfastError `RPC_UNAVAILABLE` where no majority answers
 */
export async function findOldNodeKeys({ accountId, contractId, rpcUrls, newKey, signal }: OldKeysOf) {
  const quorum = majorityOf(rpcUrls.length)
  const lists = await keyLists({ accountId, rpcUrls, quorum }, (endpoint) =>
    functionCallKeys(endpoint, accountId, signal),
  )
  return agreedOldKeys(lists, quorum, contractId, newKey)
}

/**
 * The same for a command; where they need not be known it goes on without, and says so.
 * @throws HoldfastError `USAGE` without an endpoint, `RPC_UNAVAILABLE`, only where they must be known
 */
export async function lookUpOldKeys(
  target: Target,
  newKey: Ed25519KeyText,
  { mustBeKnown }: { mustBeKnown: boolean },
): Promise<Ed25519KeyText[]> {
  try {
    if (target.rpcUrls.length === 0) throw new HoldfastError('USAGE', 'missing option: --rpc, to look up the old keys')
    return await findOldNodeKeys({ ...target, newKey, signal: shutdownSignal() })
  } catch (error) {
    if (mustBeKnown) throw error
    process.stderr.write(
      `the keys of earlier nodes, which should be deleted, are unknown: ${printable(errorMessage(error))}\n`,
    )
    return []
  }
}

/** The commands that delete these keys, a line each. */
export function deletionTexts(keys: readonly Ed25519KeyText[], { accountId, network }: Target): string {
  return keys.map((key) => `  ${deleteKeysText(accountId, [key], network)}\n`).join('')
}

/** The keys with exactly a node's rights, but for the new one, that at least `majority` of the lists have. */
export function agreedOldKeys(
  lists: readonly (readonly FunctionCallKey[])[],
  majority: number,
  contractId: string,
  newKey: Ed25519KeyText,
): Ed25519KeyText[] {
  const ofNodes = lists.map((list) =>
    list.filter((key) => key.receiverId === contractId && isNodes(key.methods)).map(({ publicKey }) => publicKey),
  )
  return agreedKeys(ofNodes, majority).filter((key) => key !== newKey)
}

function isNodes(methods: readonly string[]): boolean {
  const found = new Set(methods)
  return found.size === NODE_METHODS.length && NODE_METHODS.every((method) => found.has(method))
}
