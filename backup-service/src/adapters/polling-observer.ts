import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import type { IdentifyNetwork } from '../network/port.ts'
import type { ObserveContract } from '../ports.ts'

/**
 * Looks at the contract once per interval. The interval starts when the look before is over, so that slow endpoints are
 * not asked twice at a time. Deadlines are the reader's.
 */
export function pollingObserver(
  reader: Pick<ReadContract, 'readView'>,
  networks: IdentifyNetwork,
  intervalMs: number,
): ObserveContract {
  return {
    async *observe(signal) {
      while (!signal.aborted) {
        try {
          const view = await reader.readView(signal)
          yield { kind: 'view', view, network: await networks.identify(view, signal) }
        } catch (error) {
          if (signal.aborted) return
          yield { kind: 'trouble', error }
        }
        await sleep(intervalMs, signal).catch(() => undefined)
      }
    },
  }
}
