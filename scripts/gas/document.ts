import { join } from 'node:path'

/** Where the measured table stands for readers. */
export const GAS_DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'gas.md')

const BEGIN = '<!-- measured: npm run gas -- --write -->'
const END = '<!-- /measured -->'

/** The document with this table in the place of the old one. @throws Error if it has no place for one */
export function withTable(document: string, table: string): string {
  const [before, rest] = halves(document, BEGIN)
  const [, after] = halves(rest, END)
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`
}

/** `{method: {size: [Tgas, bytes]}}` of the document's table; sizes are written as `10 × 2`. */
export function readTable(document: string): Map<string, Map<string, readonly [tgas: number, bytes: number]>> {
  const [, rest] = halves(document, BEGIN)
  const [text] = halves(rest, END)
  const [head, , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const sizes = (head ?? []).slice(1)
  return new Map(
    rows.map(([method = '', ...cells]) => {
      const prices = cells.map((cell) => cell.split(' / ').map(Number) as unknown as readonly [number, number])
      return [method.replaceAll('`', ''), new Map(sizes.map((size, index) => [size, prices[index] ?? [NaN, NaN]]))]
    }),
  )
}

function halves(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`docs/gas.md has no line ${mark}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}
