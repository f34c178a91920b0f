import type { Logger } from '@holdfast/protocol/log.ts'
import { assess, type Facts } from '../status/status.ts'
import { startListener, type Page } from './adapters/http-listener.ts'
import { enoughPlacesWritable } from './places-writable.ts'
import { exposition } from './exposition.ts'
import { samplesOf } from './samples.ts'
import { isReady, isTicking, readiness } from './health.ts'

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
  const startedMs = Date.now()
  const ticking = (): boolean => isTicking(lastTickMs(), Date.now(), pollIntervalMs)
  return startListener({
    host,
    port,
    log,
    pages: {
      '/metrics': async () => {
        const { user, system } = process.cpuUsage()
        const now = facts()
        const samples = samplesOf(
          now,
          assess(now).level,
          {
            startedMs,
            residentBytes: process.memoryUsage.rss(),
            cpuSeconds: (user + system) / 1e6,
            ticking: ticking(),
            placesWritable: await enoughPlacesWritable(places, now),
          },
          Date.now(),
        )
        const { contentType, text } = await exposition(samples)
        return { status: 200, contentType, text }
      },
      '/healthz': async () => {
        const alive = ticking()
        return json(alive ? 200 : 503, { alive, last_tick: new Date(lastTickMs()).toISOString() })
      },
      '/readyz': async () => {
        const now = facts()
        const found = readiness(now, await enoughPlacesWritable(places, now))
        return json(isReady(found) ? 200 : 503, { ready: isReady(found), ...found })
      },
    },
  })
}

function json(status: number, body: object): Page {
  return { status, contentType: 'application/json', text: `${JSON.stringify(body)}\n` }
}
