import { HoldfastError } from './errors.ts'

/** JSON as near/mpc writes it: an integer that a double cannot hold arrives as a bigint, all else as usual. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

const INTEGER = /^-?(0|[1-9][0-9]*)$/
/** Shorter ones a double holds. Views arrive as one number per byte: calling back for each would take most of the time. */
const LONG_NUMBER = /[0-9]{16}/
const PLAIN_INTEGER = /^(0|-?[1-9][0-9]*)$/

/**
 * Parses JSON without losing a digit: integers outside ±(2^53 − 1) become bigints (near/mpc's tests use random u64
 * attempt ids). `what` names the text in the error; its `code` says what the text is for, where that has one.
 * @throws HoldfastError `code`; the text itself is never quoted, it may hold a secret.
 */
export function parseJson(text: string, what: string, code = 'INVALID_JSON'): Json {
  return parse(text, what, code, LONG_NUMBER.test(text) ? reviveIntegers : undefined)
}

/**
 * As `parseJson`, for texts where two readers must not understand different things: a field that occurs twice and any
 * number that is not written as a plain integer (`3.0`, `1e3`) are refused.
 * @throws HoldfastError `INVALID_JSON`, naming a repeated field.
 */
export function parseStrictJson(text: string, what: string): Json {
  const json = parse(text, what, 'INVALID_JSON', reviveOnlyIntegers)
  const repeated = repeatedField(text)
  if (repeated !== undefined) {
    throw new HoldfastError(
      'INVALID_JSON',
      `cannot read ${what}: the field "${repeated.slice(0, 40)}" occurs twice in one object`,
    )
  }
  return json
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown

function parse(text: string, what: string, code: string, reviver: Reviver | undefined): Json {
  try {
    return JSON.parse(text, reviver) as Json
  } catch (error) {
    const why = error instanceof NotAnInteger ? 'a number in it is not written as an integer' : 'it is not JSON'
    throw new HoldfastError(code, `cannot read ${what}: ${why} (${text.length} characters)`)
  }
}

class NotAnInteger extends Error {}

function reviveIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value
}

function reviveOnlyIntegers(key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number' && !PLAIN_INTEGER.test(context?.source ?? '')) throw new NotAnInteger()
  return reviveIntegers(key, value, context)
}

/** The first field that occurs twice in one object of `text`, which must be valid JSON: JSON.parse keeps only the last. */
function repeatedField(text: string): string | undefined {
  const seen: Set<string>[] = []
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/gs
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found, colon] = match
    if (found === '{') seen.push(new Set())
    else if (found === '}') seen.pop()
    else if (colon !== undefined) {
      const name = JSON.parse(found.slice(0, -colon.length)) as string
      const fields = seen.at(-1)
      if (fields?.has(name) === true) return name
      fields?.add(name)
    }
  }
  return undefined
}

/** Serialises with bigints as plain JSON numbers, digit for digit. `space` as in JSON.stringify. */
export function stringifyJson(value: unknown, space?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === 'bigint' ? rawJson(String(item)) : item),
    space,
  )
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
