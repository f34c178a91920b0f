import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../src/access-key-methods.ts'
import { ERROR_CODES } from '../src/error-codes.ts'
import { METHODS } from './support/methods.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const source = readdirSync(join(import.meta.dirname, '../src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'error-codes.ts')
  .map((name) => readFileSync(join(import.meta.dirname, '../src', name), 'utf8'))
  .join('\n')

/** First cells of a section's table, without the code marks and arguments. */
function rows(heading: string): string[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^\| `([A-Za-z_]+)/gm)].map((match) => match[1] as string)
}

test('readme - should list every error code once, in the order of the list', (t) => {
  t.deepEqual(rows('Error codes'), [...ERROR_CODES])
})

test('readme - should list every method', (t) => {
  t.deepEqual(rows('Methods').sort(), ['init', 'migrate', ...Object.keys(METHODS)].sort())
})

test('readme - should list every event that the contract emits', (t) => {
  const emitted = new Set([...source.matchAll(/emit\(call, '([a-z_]+)'/g)].map((match) => match[1] as string))
  t.deepEqual(rows('Events').sort(), [...emitted].sort())
})

test('error codes - should each be used', (t) => {
  for (const code of ERROR_CODES) t.true(source.includes(`'${code}'`), code)
  t.is(new Set(ERROR_CODES).size, ERROR_CODES.length)
})

test('access keys - should hold only methods that are never given a deposit', (t) => {
  const operators = [...readme.matchAll(/^\| `([a-z_]+).*\| \*\*full\*\* +\|$/gm)].map((match) => match[1] as string)
  t.is(operators.length, 7)
  for (const method of [...NODE_METHODS, ...BACKUP_SERVICE_METHODS]) t.false(operators.includes(method), method)
})
