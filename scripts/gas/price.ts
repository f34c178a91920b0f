import type { GasProfile } from '../../localnet/near-vm/messages.ts'
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
  readonly profile: GasProfile
}

/** One price per method, in the methods' alphabetical order. */
export function dearest(measurements: readonly Measurement[], size: Size): Price[] {
  const prices = new Map<string, Price>()
  for (const { method, tgas, storageBytes, profile } of measurements) {
    const known = prices.get(method)
    const most = Math.max(storageBytes, known?.storageBytes ?? storageBytes)
    const dearer = known === undefined || tgas > known.tgas ? { tgas, profile } : known
    prices.set(method, { ...size, method, tgas: dearer.tgas, profile: dearer.profile, storageBytes: most })
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
