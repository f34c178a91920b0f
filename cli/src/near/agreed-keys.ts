import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import type { RpcEndpoint } from '@holdfast/protocol/rpc/ports.ts'

const REQUEST_TIMEOUT_MS = 5_000

/**
 * What each endpoint that answers says of an account's access keys, each of its own newest final block.
 * @throws HoldfastError `RPC_UNAVAILABLE` where fewer than `quorum` answer
 */
export async function keyLists<Key>(
  account: { accountId: string; rpcUrls: readonly string[]; quorum: number },
  ask: (endpoint: RpcEndpoint) => Promise<Key[]>,
): Promise<Key[][]> {
  const { accountId, rpcUrls, quorum } = account
  const endpoints = rpcUrls.map((url) => createRpcEndpoint(url, REQUEST_TIMEOUT_MS))
  try {
    const lists = await Promise.allSettled(endpoints.map(ask))
    const answers = lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []))
    if (answers.length >= quorum) return answers
    const why = lists.flatMap((list) => (list.status === 'rejected' ? [errorMessage(list.reason)] : []))
    throw new HoldfastError(
      'RPC_UNAVAILABLE',
      `cannot look up the access keys of ${accountId}: ${answers.length} of ${endpoints.length} endpoints answered, ` +
        `expected at least ${quorum}: ${why.join('; ')}`,
    )
  } finally {
    for (const endpoint of endpoints) endpoint.close()
  }
}

/** The keys that at least `quorum` of the lists have. */
export function agreedKeys<Key extends string>(lists: readonly (readonly Key[])[], quorum: number): Key[] {
  const votes = new Map<Key, number>()
  for (const key of lists.flatMap((list) => [...new Set(list)])) votes.set(key, (votes.get(key) ?? 0) + 1)
  return [...votes].filter(([, count]) => count >= quorum).map(([key]) => key)
}
