/** Controls of a terminal (C0, DEL, C1, with them every escape sequence), and characters that turn or hide what follows. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * Text that others had a hand in (an RPC endpoint, a node, a url in the contract) as it may go to a terminal: what would
 * move the cursor, colour, retitle or reorder is shown as its code point, such as `<1b>`. A line's end stays.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `<${character.codePointAt(0)?.toString(16)}>`)
}

/** The same object with every text in it printable, names too; what is neither list nor plain object (a date, bytes) is left as it is. */
export function printableIn<T>(value: T): T {
  return printableValue(value) as T
}

function printableValue(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map(printableValue)
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [printable(name), printableValue(each)]))
}
