import { Counter, Gauge, Registry } from 'prom-client'
import { METRICS, type MetricDescription, type MetricName } from './metric-table.ts'
import type { Sample } from './samples.ts'

export type Exposition = { contentType: string; text: string }

/**
 * Prometheus' text format of these values. Made anew for each scrape: what is no longer there leaves no stale series, and
 * between scrapes nothing is held in memory.
 */
export async function exposition(samples: readonly Sample[]): Promise<Exposition> {
  const registry = new Registry()
  const metrics = new Map<MetricName, Gauge | Counter>()
  for (const [name, { type, help, labels }] of Object.entries(METRICS) as [MetricName, MetricDescription][]) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    const metric = type === 'gauge' ? new Gauge(options) : new Counter(options)
    // prom-client starts what has no labels at 0; here what is not known is not there.
    if (labels.length === 0) metric.remove()
    metrics.set(name, metric)
  }
  for (const { name, labels, value } of samples) {
    const metric = metrics.get(name)
    if (metric instanceof Gauge) metric.set(labels, value)
    else metric?.inc(labels, value)
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}
