import { ContractRefusedError } from '@holdfast/protocol/contract-panic.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import type { CallContract } from '@holdfast/protocol/rpc/ports.ts'
import type { ConfirmDelivery } from '../ports.ts'

const CALL_DEADLINE_MS = 30_000
/** The node concluded before the confirmation arrived, or the operator cancelled: the next view says which. */
const OVER = new Set(['NOT_RECOVERING', 'WRONG_STATE'])

/**
 * Confirms with a transaction signed by this service's own function-call key. The client is made at the first use: it
 * loads near-api-js, which a service that only backs up never needs.
 */
export function contractConfirmation(connect: () => Promise<Pick<CallContract, 'call'>>): ConfirmDelivery {
  let client: Promise<Pick<CallContract, 'call'>> | undefined
  return {
    async confirmDelivery(delivery, signal) {
      client ??= connect().catch((error: unknown) => {
        // Kept, one failed load, of a process short of files or memory, would fail every delivery until the next start.
        client = undefined
        throw error
      })
      const { call } = await client
      try {
        await withDeadline(
          (limited) => call('confirm_share_delivery', delivery, { signal: limited }),
          CALL_DEADLINE_MS,
          signal,
          'confirming the delivery to the contract',
        )
      } catch (error) {
        if (error instanceof ContractRefusedError && OVER.has(error.contractCode ?? '')) return
        throw error
      }
    },
  }
}
