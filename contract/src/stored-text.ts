import { parseExactly, writeJson } from './json.ts'

/** Before a stored text that holds an integer above 2^53 and must be parsed exactly; JSON never starts with it. */
const EXACT = '!'

/** A value as it is stored. */
export function encode(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return EXACT + writeJson(value)
  }
}

/** The value of a stored text. */
export function decode<T>(text: string): T {
  return (text[0] === EXACT ? parseExactly(text.slice(1)) : JSON.parse(text)) as T
}

/** The JSON of a stored text. */
export function plain(text: string): string {
  return text[0] === EXACT ? text.slice(1) : text
}
