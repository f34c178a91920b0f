import { refuse } from '../refusal.ts'
import { toU64, type U64 } from '../u64.ts'

export type Fields = Record<string, unknown>

/**
 * A number above 2^53 has been met in arguments parsed by `JSON.parse`, which has rounded it: parse them exactly and
 * begin again.
 */
export class Inexact extends Error {}

/**
 * An object with no other fields than these. Fields in `tolerated` are let through unread: near/mpc's clients send them.
 * @throws Refusal INVALID_ARGUMENT, UNKNOWN_ARGUMENT
 */
export function fields(
  value: unknown,
  path: string,
  known: readonly string[],
  tolerated: readonly string[] = [],
): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('INVALID_ARGUMENT', `${path} must be an object, found ${show(value)}`)
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key) && !tolerated.includes(key)) {
      refuse('UNKNOWN_ARGUMENT', `${path} has no field ${show(key)}; known: ${known.join(', ') || 'none'}`)
    }
  }
  return value as Fields
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function list(value: unknown, path: string, most: number): unknown[] {
  present(value, path)
  if (!Array.isArray(value)) refuse('INVALID_ARGUMENT', `${path} must be a list, found ${show(value)}`)
  if (value.length > most)
    refuse('INVALID_ARGUMENT', `${path} has ${value.length} entries; at most ${most} are accepted`)
  return value
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function text(value: unknown, path: string): string {
  present(value, path)
  if (typeof value !== 'string') refuse('INVALID_ARGUMENT', `${path} must be a text, found ${show(value)}`)
  return value
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT; Inexact if the exact value is not known */
export function u64(value: unknown, path: string): U64 {
  present(value, path)
  const exact = toU64(value)
  if (exact !== null) return exact
  if (typeof value === 'number' && value > Number.MAX_SAFE_INTEGER && value < 2 ** 65) throw new Inexact()
  refuse('INVALID_ARGUMENT', `${path} must be an integer from 0 to 2^64 - 1, found ${show(value)}`)
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function integer(value: unknown, path: string, least: number, most: number): number {
  const exact = u64(value, path)
  if (typeof exact === 'bigint' || exact < least || exact > most) {
    refuse('INVALID_ARGUMENT', `${path} must be an integer from ${least} to ${most}, found ${exact}`)
  }
  return exact
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function choice<T extends string>(value: unknown, path: string, choices: readonly T[]): T {
  const found = text(value, path)
  if (!(choices as readonly string[]).includes(found)) {
    refuse('INVALID_ARGUMENT', `${path} must be one of ${choices.join(', ')}, found ${show(found)}`)
  }
  return found as T
}

/** @throws Refusal MISSING_ARGUMENT */
export function present(value: unknown, path: string): void {
  if (value === undefined || value === null) refuse('MISSING_ARGUMENT', `${path} is missing`)
}

const SHOWN_CHARACTERS = 80

/**
 * A value for an error text, short and in one line. Of objects and lists nothing but that they are one is said: writing
 * them out would cost gas by their size, and a caller chooses what is in them.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const shown = JSON.stringify(value.slice(0, SHOWN_CHARACTERS))
    return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS - 3)}...` : shown
  }
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return value === undefined ? 'nothing' : String(value)
}
