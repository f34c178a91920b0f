import type { Counter, Gauge } from 'prom-client'
import type { MetricTable, Sample } from './metric.ts'

export type Exposition = { contentType: string; text: string }

/**
 * Prometheus' text format of these values. Made anew for each scrape: what is no longer there leaves no stale series, and
 * between scrapes nothing is held in memory. The library is loaded by the first scrape: who is never scraped goes without.
 */
export async function exposition<Table extends MetricTable>(
  table: Table,
  samples: readonly Sample<keyof Table & string>[],
): Promise<Exposition> {
  const client = await import('prom-client')
  const registry = new client.Registry()
  const metrics = new Map<string, Gauge | Counter>()
  for (const [name, { type, help, labels }] of Object.entries(table)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    const metric = type === 'gauge' ? new client.Gauge(options) : new client.Counter(options)
    // prom-client starts what has no labels at 0; here what is not known is not there.
    if (labels.length === 0) metric.remove()
    metrics.set(name, metric)
  }
  for (const { name, labels, value } of samples) {
    const metric = metrics.get(name)
    if (metric instanceof client.Gauge) metric.set(labels, value)
    else metric?.inc(labels, value)
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}
