import type { Page } from './http-listener.ts'
import { exposition } from './exposition.ts'
import type { MetricTable, Sample } from './metric.ts'

/** `/healthz`: 200 while the program's loop goes on. */
export function healthPage(alive: boolean, lastTickMs: number): Page {
  return jsonPage(alive, { alive, last_tick: new Date(lastTickMs).toISOString() })
}

/** `/readyz`: 200 where every condition holds; the body says which does not. */
export function readinessPage(conditions: Record<string, boolean>): Page {
  const ready = Object.values(conditions).every(Boolean)
  return jsonPage(ready, { ready, ...conditions })
}

/** `/metrics`, in Prometheus' text format. */
export async function metricsPage<Table extends MetricTable>(
  table: Table,
  samples: readonly Sample<keyof Table & string>[],
): Promise<Page> {
  return { status: 200, ...(await exposition(table, samples)) }
}

function jsonPage(isWell: boolean, body: object): Page {
  return { status: isWell ? 200 : 503, contentType: 'application/json', text: `${JSON.stringify(body)}\n` }
}
