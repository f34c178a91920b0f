import type { Logger } from '@holdfast/protocol/log.ts'
import { startListener } from '@holdfast/protocol/monitoring/http-listener.ts'
import { healthPage, metricsPage, readinessPage } from '@holdfast/protocol/monitoring/pages.ts'
import { processFacts } from '@holdfast/protocol/monitoring/process-metrics.ts'
import { isTicking } from '@holdfast/protocol/monitoring/ticking.ts'
import { assess, type Facts } from '../status/status.ts'
import { enoughPlacesWritable } from './places-writable.ts'
import { METRICS } from './metric-table.ts'
import { samplesOf } from './samples.ts'
import { readiness } from './health.ts'

export type MonitoringOptions = {
  host: string
  port: number
  pollIntervalMs: number
  facts: () => Facts
  /** When the service loop last looked at the chain, milliseconds since the epoch. */
  lastTickMs: () => number
  /** Where snapshots go, and how many places must take one. */
  places: Parameters<typeof enoughPlacesWritable>[0]
  log: Logger
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz` until it is closed. To be imported only where it is wanted, and then at the start: what is
 * loaded later is not in the compile cache, and would load Node's type stripper, 18 MB, for good.
 */
export function startMonitoring(options: MonitoringOptions): ReturnType<typeof startListener> {
  const { host, port, pollIntervalMs, facts, lastTickMs, places, log } = options
  const ticking = (): boolean => isTicking(lastTickMs(), Date.now(), pollIntervalMs)
  return startListener({
    host,
    port,
    log,
    pages: {
      '/metrics': async () => {
        const now = facts()
        const placesWritable = await enoughPlacesWritable(places, now)
        const own = { ...processFacts(), ticking: ticking(), placesWritable }
        return metricsPage(METRICS, samplesOf(now, assess(now).level, own, Date.now()))
      },
      '/healthz': async () => healthPage(ticking(), lastTickMs()),
      '/readyz': async () => {
        const now = facts()
        return readinessPage(readiness(now, await enoughPlacesWritable(places, now)))
      },
    },
  })
}
