import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse } from 'yaml'
import type { MetricTable } from '@holdfast/protocol/monitoring/metric.ts'

/** A service's metrics, and what is shipped and written about them. */
export type Monitored = {
  /** The service's folder, with MONITORING.md, monitoring/alerts.yaml and monitoring/dashboard.json. */
  folder: string
  metrics: MetricTable
  /** What the service's own metrics start with. */
  prefix: string
  /** The values that a label may have; labels that are not here may have any. */
  values: Record<string, readonly string[]>
  severities: readonly string[]
  /** Alerts that must not get lost, without their common start. */
  alertPrefix: string
  alerts: readonly string[]
}

type Rule = {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}
type Panel = {
  id: number
  title: string
  type: string
  targets?: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[]
  gridPos: { x: number; y: number; w: number; h: number }
}

/** Prometheus' own series, which no exporter makes. */
const OF_PROMETHEUS = new Set(['up', 'ALERTS'])
/** Labels that Prometheus or the dashboard adds. */
const ADDED = new Set(['job', 'instance'])

/** Holds the metrics to Prometheus' conventions, and document, alert rules and dashboard to the metrics. */
export function testMonitoringFiles({
  folder,
  metrics,
  prefix,
  values,
  severities,
  alertPrefix,
  alerts,
}: Monitored): void {
  const file = (name: string): string => readFileSync(join(folder, 'monitoring', name), 'utf8')
  const { groups } = parse(file('alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] }
  const rules = groups.flatMap((group) => group.rules)
  const dashboard = JSON.parse(file('dashboard.json')) as {
    uid: string
    title: string
    panels: Panel[]
    schemaVersion: number
    templating: { list: { name: string; type: string; query: string | { query: string }; definition?: string }[] }
  }
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')

  for (const [name, { type, help }] of Object.entries(metrics)) {
    test(`${name} - should be named and described as Prometheus asks`, (t) => {
      t.regex(name, new RegExp(`^(${prefix}|process)_[a-z_]+$`))
      t.is(type === 'counter', name.endsWith('_total'))
      t.notRegex(name, /_(ms|milliseconds|minutes|hours|mb|percent)(_|$)/, 'base units only')
      if (/(^|_)(age|duration|timestamp)(_|$)/.test(name)) t.regex(name, /_seconds$/)
      t.notRegex(help, /\.$/)
    })
  }

  test('MONITORING.md - should describe exactly the metrics that there are', (t) => {
    const text = readFileSync(join(folder, 'MONITORING.md'), 'utf8')
    const [, section = ''] = /\n## Metrics\n([^]*?)\n## /.exec(text) ?? []
    const rows = [...section.matchAll(/^\| `([a-z_]+)` +\| ([a-z]+) +\| (.*?) +\| (.*?) +\|$/gm)].map((row) =>
      row.slice(1),
    )
    const expected = Object.entries(metrics).map(([name, { type, labels, help }]) => [
      name,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ])
    t.deepEqual(rows, expected)
  })

  const expressions: [where: string, expr: string][] = [
    ...rules.map(({ alert, expr }): [string, string] => [`alert ${alert}`, expr]),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }): [string, string] => [`panel ${title}: ${expr}`, expr]),
    ),
  ]
  for (const [where, expr] of expressions) {
    test(`${where} - should ask for metrics, labels and values that there are`, (t) => {
      t.true(balanced(expr))
      const found = selectors(expr)
      t.true(found.length > 0)
      for (const { metric, matchers } of found) {
        const description = metrics[metric]
        t.true(description !== undefined || OF_PROMETHEUS.has(metric), metric)
        for (const [label, operator, value] of matchers) {
          t.true(ADDED.has(label) || (description?.labels.includes(label) ?? false), `${metric}{${label}}`)
          if (ADDED.has(label) || label === 'alertname' || values[label] === undefined) continue
          for (const each of operator.includes('~') ? value.split('|') : [value])
            t.true(values[label]?.includes(each), `${label}=${each}`)
        }
      }
    })
  }

  test('alerts - should have a name each, a severity of ours, and say what to do', (t) => {
    t.is(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    t.true(rules.length >= alerts.length)
    for (const { alert, labels, annotations, for: wait, ...rest } of rules) {
      t.regex(alert, /^Holdfast[A-Za-z]+$/)
      t.true(severities.includes(labels['severity'] ?? ''), alert)
      t.true((annotations['summary']?.length ?? 0) > 15 && (annotations['description']?.length ?? 0) > 15, alert)
      if (wait !== undefined) t.regex(wait, /^[0-9]+[smhd]$/)
      t.deepEqual(Object.keys(rest), ['expr'])
      for (const [, name = ''] of JSON.stringify(annotations).matchAll(/\$labels\.([a-z]+)/g))
        t.true(
          ADDED.has(name) || selectors(rest.expr).some(({ metric }) => metrics[metric]?.labels.includes(name)),
          `${alert} ${name}`,
        )
    }
  })

  test('alerts - should have those that nobody must miss', (t) => {
    const names = rules.map(({ alert }) => alert)
    for (const name of alerts) t.true(names.includes(`${alertPrefix}${name}`), name)
  })

  test('dashboard - should fill its variables and name its lines from labels that there are', (t) => {
    const { list } = dashboard.templating
    for (const { name, type, query, definition } of list.filter((each) => each.type !== 'datasource')) {
      t.is(type, 'query', name)
      const asked = typeof query === 'string' ? query : query.query
      t.is(definition, asked, name)
      const { metric = '', label = '' } = variableQuery(asked) ?? {}
      t.true(metric in metrics, `${name}: ${asked}`)
      t.true(ADDED.has(label) || (metrics[metric]?.labels.includes(label) ?? false), `${name}: ${asked}`)
    }
    const variables = new Set(list.map(({ name }) => name))
    for (const { title, targets = [] } of panels) {
      t.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
      for (const { expr, legendFormat, datasource } of targets) {
        t.is(datasource.uid, '${datasource}', title)
        for (const [, name = ''] of expr.matchAll(/\$([a-z]+)/g)) t.true(variables.has(name), `${title}: $${name}`)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{([a-z_]+)\}\}/g)) {
          const known = selectors(expr).some(({ metric }) => metrics[metric]?.labels.includes(label))
          t.true(known || ADDED.has(label), `${title}: {{${label}}}`)
        }
      }
    }
  })

  test('dashboard - should be importable: ids apart, panels side by side, one data source asked for', (t) => {
    t.regex(dashboard.uid, /^[a-z-]{1,40}$/)
    t.is(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
    t.true(panels.length >= 10)
    for (const { title, gridPos, targets } of panels) {
      t.true(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24 && gridPos.h > 0, title)
      t.true((targets?.length ?? 0) > 0, title)
    }
    for (const [index, a] of panels.entries())
      for (const b of panels.slice(index + 1))
        t.false(
          a.gridPos.x < b.gridPos.x + b.gridPos.w &&
            b.gridPos.x < a.gridPos.x + a.gridPos.w &&
            a.gridPos.y < b.gridPos.y + b.gridPos.h &&
            b.gridPos.y < a.gridPos.y + a.gridPos.h,
          `${a.title} lies over ${b.title}`,
        )
    t.true(dashboard.schemaVersion >= 36, 'as Grafana 9 and newer read it')
    const text = file('dashboard.json')
    for (const [, uid] of text.matchAll(/"uid": "(\$\{[^"]*\})"/g)) t.is(uid, '${datasource}')
    t.deepEqual(
      dashboard.templating.list.map(({ name }) => name),
      ['datasource', 'instance'],
    )
  })
}

/** What a query variable asks for: the values of a label of a metric, the only kind there is here. */
function variableQuery(query: string): { metric: string; label: string } | undefined {
  const [, metric, label] = /^label_values\(([a-z_]+), ([a-z_]+)\)$/.exec(query) ?? []
  return metric === undefined || label === undefined ? undefined : { metric, label }
}

/** Every selector of an expression: the metric and its matchers. */
function selectors(expr: string): { metric: string; matchers: [label: string, operator: string, value: string][] }[] {
  return [...expr.matchAll(/\b([a-z_]+[a-z]|ALERTS)(\{([^}]*)\})?/g)]
    .filter(([, name = '', braces]) => braces !== undefined || /^(holdfast_|process_|up$)/.test(name))
    .map(([, metric = '', , inside = '']) => ({
      metric,
      matchers: [...inside.matchAll(/([a-z]+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, l = '', o = '', v = '']) => [l, o, v]),
    }))
}

function balanced(expr: string): boolean {
  let depth = 0
  for (const char of expr.replaceAll(/"[^"]*"/g, '')) {
    if ('([{'.includes(char)) depth += 1
    if (')]}'.includes(char)) depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}
