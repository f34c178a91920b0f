import type { Logger } from '@holdfast/protocol/log.ts'
import { startListener } from '@holdfast/protocol/monitoring/http-listener.ts'
import { healthPage, metricsPage, readinessPage } from '@holdfast/protocol/monitoring/pages.ts'
import { processFacts } from '@holdfast/protocol/monitoring/process-metrics.ts'
import { isTicking } from '@holdfast/protocol/monitoring/ticking.ts'
import { METRICS } from './metric-table.ts'
import { nodeFacts, type FactParts } from './node-facts.ts'
import { samplesOf } from './samples.ts'

export type MonitoringOptions = FactParts & {
  host: string
  port: number
  pollIntervalMs: number
  /** When the main loop last looked at the chain, milliseconds since the epoch. */
  lastTickMs: () => number
  log: Logger
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz` until it is closed. To be imported only where it is wanted, and then at the
 * start: TypeScript that is loaded later is not in the compile cache, and would load Node's type stripper, 18 MB, for good.
 */
export function startMonitoring({ host, port, pollIntervalMs, lastTickMs, log, ...parts }: MonitoringOptions): {
  close(): Promise<void>
} {
  const ticking = (): boolean => isTicking(lastTickMs(), Date.now(), pollIntervalMs)
  return startListener({
    host,
    port,
    log,
    pages: {
      '/metrics': () => metricsPage(METRICS, samplesOf(nodeFacts(parts, ticking()), processFacts(), Date.now())),
      '/healthz': async () => healthPage(ticking(), lastTickMs()),
      '/readyz': async () => readinessPage(nodeFacts(parts, ticking()).readiness),
    },
  })
}
