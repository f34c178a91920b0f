/**
 * JSON whose integers above 2^53 survive. `JSON.parse` and `JSON.stringify` do the work as long as no such integer occurs,
 * because they are ten times cheaper in gas; the exact variants are for when one does.
 */
const NUMBER_OR_STRING = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g
/** Stands for an integer while `JSON.parse` or `JSON.stringify` works: no text that reaches us as JSON text contains it raw. */
const MARK = '\u0000n'
const MARKED = /"\\u0000n(-?\d+)"/g

/** Parses JSON; integers of 16 digits and more that a number cannot hold become bigints. @throws SyntaxError */
export function parseExactly(text: string): unknown {
  const marked = text.replace(NUMBER_OR_STRING, (token) => (token[0] === '"' ? token : `"\\u0000n${token}"`))
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value
    const digits = value.slice(MARK.length)
    if (!/^-?\d+$/.test(digits)) return value
    const exact = BigInt(digits)
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  })
}

/** Writes a value that may contain bigints as JSON numbers. */
export function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return writeExactly(value)
  }
}

function writeExactly(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${MARK}${inner}` : inner))
  return text.replace(MARKED, '$1')
}
