import { HoldfastError } from './errors.ts'

/** JSON as near/mpc writes it: an integer that a double cannot hold arrives as a bigint, all else as usual. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }

const INTEGER = /^-?(0|[1-9][0-9]*)$/

/**
 * Parses JSON without losing a digit: integers outside ±(2^53 − 1) become bigints (near/mpc's tests use random u64
 * attempt ids). `what` names the text in the error.
 * @throws HoldfastError `INVALID_JSON`; the text itself is never quoted, it may hold a secret.
 */
export function parseJson(text: string, what: string): Json {
  try {
    return JSON.parse(text, reviveIntegers) as Json
  } catch {
    throw new HoldfastError('INVALID_JSON', `cannot read ${what}: it is not JSON (${text.length} characters)`)
  }
}

function reviveIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value
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
