import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import type { Devnet } from './devnet.ts'

const REQUEST_TIMEOUT_MS = 30_000

/**
 * What this chain alone takes for the two transactions that a recovery cannot do without (asking for it, concluding
 * it): two contract calls in a row that change nothing, each waited for until the chain's own answer is FINAL.
 * @returns seconds
 */
export async function measureFloor(devnet: Devnet): Promise<number> {
  const { chain, contractId, operators, signal } = devnet
  const caller = operators[0]
  if (caller === undefined) throw new TypeError('no operator to measure with')
  const { accountId, seed } = caller
  const sender = createTransactionSender({ endpoints: [chain.rpcUrl], accountId, signerSeed: seed })
  const endpoint = createRpcEndpoint(chain.rpcUrl, REQUEST_TIMEOUT_MS)
  try {
    const started = performance.now()
    for (let call = 0; call < 2; call++) {
      const nothing = { kind: 'call', method: 'expire_recoveries', args: {} } as const
      const { transactionHash } = await sender.send(contractId, [nothing], { signal })
      await endpoint.call('tx', { tx_hash: transactionHash, sender_account_id: accountId, wait_until: 'FINAL' }, signal)
    }
    return Math.round(performance.now() - started) / 1000
  } finally {
    sender.close()
    endpoint.close()
  }
}
