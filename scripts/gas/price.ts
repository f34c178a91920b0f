import type { CallOutcome } from '../../localnet/src/vm/call.ts'
import type { Measurement } from './chain.ts'
import type { Size } from './story.ts'

/** What a method costs in a network of this size. */
export interface Price extends Size {
  readonly method: string
  /** Of its dearest call. */
  readonly tgas: number
  /** The most that one call of it has added. */
  readonly storageBytes: number
  /** Of the dearest call. */
  readonly outcome: CallOutcome
}

/** One price per method, in the methods' alphabetical order. */
export function dearest(measurements: readonly Measurement[], size: Size): Price[] {
  const prices = new Map<string, Price>()
  for (const { method, tgas, storageBytes, outcome } of measurements) {
    const known = prices.get(method)
    const most = Math.max(storageBytes, known?.storageBytes ?? storageBytes)
    const dearer = known === undefined || tgas > known.tgas ? { tgas, outcome } : known
    prices.set(method, { ...size, method, tgas: dearer.tgas, outcome: dearer.outcome, storageBytes: most })
  }
  return [...prices.values()].sort((a, b) => (a.method < b.method ? -1 : 1))
}

/** The wasm's methods that were not called. */
export function unmeasured(wasm: Uint8Array<ArrayBuffer>, measurements: readonly Measurement[]): string[] {
  const called = new Set(measurements.map(({ method }) => method))
  return WebAssembly.Module.exports(new WebAssembly.Module(wasm))
    .filter(({ kind, name }) => kind === 'function' && !called.has(name))
    .map(({ name }) => name)
}
