/** Controls of a terminal (C0, DEL, C1, with them every escape sequence), and characters that turn or hide what follows. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu

/**
 * Text that others had a hand in (an RPC endpoint, a node, a url in the contract) as it may go to a terminal: what would
 * move the cursor, colour, retitle or reorder is shown as its code point, such as `<1b>`. A line's end stays.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `<${character.codePointAt(0)?.toString(16)}>`)
}
