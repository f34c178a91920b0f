import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse } from 'yaml'
import { METRICS } from '../src/metrics/metric-table.ts'
import { ENDPOINT_STATES, ENDPOINT_TROUBLES } from '../src/freshness/endpoint-book.ts'
import { GRADES } from '../src/freshness/grade.ts'
import { STAGES } from '../src/metrics/stages.ts'
import { NETWORK_LEVELS, SEVERITIES } from '../src/notify/severity.ts'
import { PLACE_STATES } from '../src/repository/places-memory.ts'
import { LEVELS } from '../src/status/status.ts'

const file = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'monitoring', name), 'utf8')

type Rule = {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}
const { groups } = parse(file('alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)

type Panel = {
  id: number
  title: string
  type: string
  targets?: { expr: string }[]
  gridPos: { x: number; y: number; w: number; h: number }
}
const dashboard = JSON.parse(file('dashboard.json')) as {
  uid: string
  title: string
  panels: Panel[]
  templating: { list: { name: string; query?: unknown }[] }
}
const panels = dashboard.panels.filter(({ type }) => type !== 'row')

/** Prometheus' own series, which no exporter makes. */
const OF_PROMETHEUS = new Set(['up', 'ALERTS'])
const VALUES: Record<string, readonly string[]> = {
  stage: STAGES,
  grade: GRADES,
  state: [...ENDPOINT_STATES, ...PLACE_STATES],
  trouble: ENDPOINT_TROUBLES,
  kind: ['backup', 'restore', 'hold', 'idle', 'refuse', 'stored', 'drilled'],
  level: [...NETWORK_LEVELS, ...LEVELS],
  result: ['sent', 'failed'],
}
/** Labels that Prometheus or the dashboard adds. */
const ADDED = new Set(['job', 'instance'])

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
      const description = (METRICS as Record<string, { labels: readonly string[] }>)[metric]
      t.true(description !== undefined || OF_PROMETHEUS.has(metric), metric)
      for (const [label, operator, value] of matchers) {
        t.true(ADDED.has(label) || (description?.labels.includes(label) ?? false), `${metric}{${label}}`)
        if (ADDED.has(label) || label === 'alertname' || VALUES[label] === undefined) continue
        for (const each of operator.includes('~') ? value.split('|') : [value])
          t.true(VALUES[label]?.includes(each), `${label}=${each}`)
      }
    }
  })
}

test('alerts - should have a name each, a severity of ours, and say what to do', (t) => {
  t.is(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  t.true(rules.length > 15)
  for (const { alert, labels, annotations, for: wait, ...rest } of rules) {
    t.regex(alert, /^Holdfast[A-Za-z]+$/)
    t.true(SEVERITIES.includes(labels['severity'] as 'info'), alert)
    t.true((annotations['summary']?.length ?? 0) > 15 && (annotations['description']?.length ?? 0) > 15, alert)
    if (wait !== undefined) t.regex(wait, /^[0-9]+[smhd]$/)
    t.deepEqual(Object.keys(rest), ['expr'])
    for (const [, name = ''] of JSON.stringify(annotations).matchAll(/\$labels\.([a-z]+)/g))
      t.true(
        ADDED.has(name) ||
          selectors(rest.expr).some(({ metric }) =>
            (METRICS as Record<string, { labels: readonly string[] }>)[metric]?.labels.includes(name),
          ),
        `${alert} ${name}`,
      )
  }
})

test('alerts - should say that backups are down, not stored, not restorable, and that somebody restored', (t) => {
  const names = rules.map(({ alert }) => alert)
  for (const name of [
    'Down',
    'NotStored',
    'DrillFailed',
    'NotRegistered',
    'ViewClosed',
    'RestoreWaits',
    'Restored',
    'Deaf',
  ])
    t.true(names.includes(`HoldfastBackup${name}`), name)
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
  const text = file('dashboard.json')
  for (const [, uid] of text.matchAll(/"uid": "(\$\{[^"]*\})"/g)) t.is(uid, '${datasource}')
  t.deepEqual(
    dashboard.templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  )
})
