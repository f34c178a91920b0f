import { NODE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { functionCallKeys, type FunctionCallKey } from '@holdfast/protocol/rpc/near-queries.ts'
import { majorityOf } from '@holdfast/protocol/rpc/quorum-size.ts'
import { deleteKeysText } from '../near/near-cli-text.ts'
import { shutdownSignal } from '../shutdown.ts'
import type { Target } from './target.ts'

const REQUEST_TIMEOUT_MS = 5_000

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
  const endpoints = rpcUrls.map((url) => createRpcEndpoint(url, REQUEST_TIMEOUT_MS))
  try {
    const lists = await Promise.allSettled(endpoints.map((endpoint) => functionCallKeys(endpoint, accountId, signal)))
    const answers = lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []))
    const majority = majorityOf(endpoints.length)
    if (answers.length < majority) {
      const why = lists.flatMap((list) => (list.status === 'rejected' ? [errorMessage(list.reason)] : []))
      throw new HoldfastError(
        'RPC_UNAVAILABLE',
        `cannot look up the access keys of ${accountId}: ${answers.length} of ${endpoints.length} endpoints answered, ` +
          `expected at least ${majority}: ${why.join('; ')}`,
      )
    }
    return agreedOldKeys(answers, majority, contractId, newKey)
  } finally {
    for (const endpoint of endpoints) endpoint.close()
  }
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
    process.stderr.write(`the keys of earlier nodes, which should be deleted, are unknown: ${errorMessage(error)}\n`)
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
  const votes = new Map<Ed25519KeyText, number>()
  for (const list of lists) {
    const keys = list.filter((key) => key.receiverId === contractId && isNodes(key.methods))
    for (const key of new Set(keys.map(({ publicKey }) => publicKey))) votes.set(key, (votes.get(key) ?? 0) + 1)
  }
  return [...votes].filter(([key, count]) => key !== newKey && count >= majority).map(([key]) => key)
}

function isNodes(methods: readonly string[]): boolean {
  const found = new Set(methods)
  return found.size === NODE_METHODS.length && NODE_METHODS.every((method) => found.has(method))
}
