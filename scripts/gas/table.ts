import type { CallOutcome } from '../../localnet/src/vm/call.ts'
import type { Price } from './price.ts'

/** A Markdown table: a row per method, a column per size, `Tgas / bytes`. */
export function priceTable(prices: readonly Price[], wasmBytes: number): string {
  const sizes = [...new Set(prices.map(sizeName))]
  const methods = [...new Set(prices.map(({ method }) => method))].sort()
  const rows = methods.map((method) => [
    `\`${method}\``,
    ...sizes.map((size) => {
      const price = prices.find((candidate) => candidate.method === method && sizeName(candidate) === size)
      return price === undefined ? '' : `${price.tgas.toFixed(1)} / ${price.storageBytes}`
    }),
  ])
  return `${markdown(['Tgas / storage bytes', ...sizes], rows)}\n\nThe wasm has ${wasmBytes} bytes.`
}

/** A Markdown table: a row per method and size, where the Tgas go. */
export function profileTable(prices: readonly Price[]): string {
  const rows = prices.map((price) => [
    `\`${price.method}\``,
    sizeName(price),
    ...[price.tgas, ...parts(price.outcome)].map((tgas) => tgas.toFixed(2)),
  ])
  return markdown(['method', 'size', 'Tgas', ...PARTS.map(([name]) => name), 'receipts sent'], rows)
}

/** The names of what `parts` tells apart, and which costs of a receipt's profile belong to each. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['instructions', /^WASM_INSTRUCTION/],
  ['loading', /^CONTRACT_LOADING/],
  ['storage', /^STORAGE/],
  ['logs', /^(LOG|UTF8)/],
  ['other host calls', /^/],
]

/** Tgas by part; a cost counts in the first that its name fits. */
function parts({ hostProfile, actionProfile }: CallOutcome): number[] {
  const gas = [...PARTS, ['receipts sent']].map(() => 0)
  for (const [cost, burnt] of hostProfile) {
    const part = PARTS.findIndex(([, names]) => names.test(cost))
    gas[part] = (gas[part] as number) + burnt
  }
  for (const burnt of actionProfile.values()) gas[PARTS.length] = (gas[PARTS.length] as number) + burnt
  return gas.map((burnt) => burnt / 1e12)
}

function sizeName({ participants, domains }: Price): string {
  return `${participants} × ${domains}`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}
