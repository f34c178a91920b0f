import { stringifyJson } from '@holdfast/protocol/json.ts'
import { printableIn } from '@holdfast/protocol/printable.ts'

/** An object without escapes, as `name  value` lines, names aligned; nested objects, and lists of them, indented below their name. */
export function renderFacts(facts: object, indent = ''): string {
  const entries = Object.entries(printableIn(facts)).filter(([, value]) => value !== null && value !== undefined)
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries
    .map(([name, value]) => {
      const label = `${indent}${name.replaceAll('_', ' ').padEnd(width)}`
      if (isObject(value)) return `${label.trimEnd()}\n${renderFacts(value, `${indent}  `)}`
      if (isListOfObjects(value))
        return [label.trimEnd(), ...value.map((each) => `${indent}  ${line(each)}`)].join('\n')
      return `${label}  ${text(value)}`
    })
    .join('\n')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
}

function isListOfObjects(value: unknown): value is object[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject)
}

function line(facts: object): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${text(value)}`)
    .join(', ')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(text).join(', ')
  return stringifyJson(value)
}
