/**
 * JSON whose integers above 2^53 survive. `JSON.parse` and `JSON.stringify` do the work as long as no such integer occurs,
 * because they are ten times cheaper in gas; the exact variants are for when one does.
 */
const INTEGER_OR_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g
/** Stands for an integer while `JSON.parse` or `JSON.stringify` works. */
const MARK = '\u0000n'
const MARKED = /"\\u0000n(-?\d+)"/g
/** Stands before a text that could be taken for a mark: one with escapes, since JSON has U+0000 only escaped. Names are let be. */
const TEXT = '\u0000t'

/** Parses JSON; integers of 16 digits and more that a number cannot hold become bigints. @throws SyntaxError */
export function parseExactly(text: string): unknown {
  const marked = text.replace(INTEGER_OR_STRING, (token, colon?: string) => {
    if (token[0] !== '"') return `"\\u0000n${token}"`
    return colon === undefined && token.includes('\\') ? `"\\u0000t${token.slice(1)}` : token
  })
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    if (value.startsWith(TEXT)) return value.slice(TEXT.length)
    if (!value.startsWith(MARK)) return value
    const exact = BigInt(value.slice(MARK.length))
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
