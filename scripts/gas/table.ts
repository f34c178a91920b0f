import type { GasProfile } from '../../localnet/near-vm/messages.ts'
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
    ...[price.tgas, ...Object.values(parts(price.profile))].map((tgas) => tgas.toFixed(2)),
  ])
  return markdown(['method', 'size', 'Tgas', ...Object.keys(parts({ wasm: 0, host: {}, actions: {} }))], rows)
}

function parts({ wasm, host, actions }: GasProfile): Record<string, number> {
  const of = (prefix: string) =>
    Object.entries(host)
      .filter(([cost]) => cost.startsWith(prefix))
      .reduce((sum, [, gas]) => sum + gas, 0)
  const all = of('')
  const loading = of('contract_loading')
  const storage = of('storage')
  const logs = of('log') + of('utf8')
  return {
    instructions: wasm / 1e12,
    loading: loading / 1e12,
    storage: storage / 1e12,
    logs: logs / 1e12,
    'other host calls': (all - loading - storage - logs) / 1e12,
    'receipts sent': Object.values(actions).reduce((sum, gas) => sum + gas, 0) / 1e12,
  }
}

function sizeName({ participants, domains }: Price): string {
  return `${participants} × ${domains}`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}
