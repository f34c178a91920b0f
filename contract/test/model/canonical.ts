import { stringifyJson, type Json } from '../../../protocol/src/json.ts'

/** One text for every JSON that means the same: fields sorted, integers in digits, whether a double holds them or not. */
export function canonical(value: Json): string {
  return stringifyJson(sorted(value), 1)
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** The first lines in which two JSON values differ, each with what is found and what is expected. */
export function difference(found: Json, expected: Json): string | null {
  const [a, b] = [canonical(found), canonical(expected)]
  if (a === b) return null
  const [found_, expected_] = [a.split('\n'), b.split('\n')]
  const at = found_.findIndex((line, i) => line !== expected_[i])
  const from = Math.max(0, at - 6)
  const show = (lines: string[]) => lines.slice(from, at + 8).join('\n')
  return `found:\n${show(found_)}\nexpected:\n${show(expected_)}`
}
