import type { Logger } from '@holdfast/protocol/log.ts'
import type { EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'
import type { EndpointState } from './endpoint-book.ts'
import type { ProbeReport } from './probe-endpoints.ts'

/**
 * Logs what becomes of each RPC endpoint. Of one that flaps only that it does: it would fill the log with what its counters in the
 * status and the metrics say better.
 */
export function createEndpointLog(log: Logger): (event: EndpointEvent | ProbeReport, state: EndpointState) => void {
  const flapping = new Set<string>()
  return ({ endpoint, kind, detail }, state) => {
    if (state !== 'flapping') flapping.delete(endpoint)
    else if (flapping.has(endpoint)) return
    else {
      flapping.add(endpoint)
      return log.warn({ endpoint, kind, detail }, 'the RPC endpoint keeps changing; no more is logged until it stops')
    }
    if (kind === 'recovered') log.info({ endpoint }, 'the RPC endpoint answers well')
    else log[kind === 'wrong' ? 'error' : 'warn']({ endpoint, kind, detail }, 'the RPC endpoint is in trouble')
  }
}
