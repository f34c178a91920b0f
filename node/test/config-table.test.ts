import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { NODE_CONFIG_FIELDS } from '../src/config/config.ts'

type Field = { type: string; wrapped?: Field; entries?: Record<string, Field> }

/** Every field by its path, and whether it may be left out, alone or with what it is in. */
function fieldsOf(entries: Record<string, Field>, path = '', within = false): [name: string, isOptional: boolean][] {
  return Object.entries(entries).flatMap(([key, field]) => {
    const isOptional = within || field.type === 'optional'
    const inner = field.wrapped ?? field
    return inner.entries === undefined
      ? [[`${path}${key}`, isOptional] as [string, boolean]]
      : fieldsOf(inner.entries, `${path}${key}.`, isOptional)
  })
}

test('README - should have exactly the fields of config.json, and say which may be left out', (t) => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
  const [, table = ''] = /\n\| field of `config\.json`[^\n]*\n\|[- |]*\n((?:\|[^\n]*\n)*)/.exec(readme) ?? []
  const rows = table
    .trimEnd()
    .split('\n')
    .flatMap((row): [string, boolean][] => {
      const [names = '', fallback = ''] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return [...names.matchAll(/`([a-z_.]+)`/g)].map(([, name = '']) => [name, !fallback.startsWith('required')])
    })
  t.deepEqual(rows.toSorted(), fieldsOf(NODE_CONFIG_FIELDS).toSorted())
})
