import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { waitUntil } from './wait-until.ts'

const REQUEST_TIMEOUT_MS = 5_000
const DEADLINE_MS = 60_000

/**
 * Waits until access keys exist in final state. A real chain may still drop the block that made a key and make the key
 * again in another one, which gives it another nonce: what was signed with it in between would never be executed.
 */
export async function waitForFinalKeys(
  { rpcUrl, signal }: { rpcUrl: string; signal: AbortSignal },
  keys: readonly { accountId: string; publicKey: Ed25519KeyText }[],
): Promise<void> {
  const endpoint = createRpcEndpoint(rpcUrl, REQUEST_TIMEOUT_MS)
  try {
    for (const { accountId, publicKey } of keys) {
      const query = { request_type: 'view_access_key', finality: 'final', account_id: accountId, public_key: publicKey }
      await waitUntil(
        `the key of ${accountId} to be final`,
        async () => {
          const answer = await endpoint.call('query', query, signal)
          return typeof answer === 'object' && answer !== null && 'nonce' in answer ? true : undefined
        },
        { deadlineMs: DEADLINE_MS, signal, everyMs: 100 },
      )
    }
  } finally {
    endpoint.close()
  }
}
