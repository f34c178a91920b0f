import type { RunContract } from '../../localnet/src/vm/ports.ts'
import { MeasuredContract } from './chain.ts'
import { dearest, unmeasured, type Price } from './price.ts'
import { liveThrough, type Size } from './story.ts'

/**
 * Prices at every size, by method.
 * @throws Error if a call fails, or if the contract has a method that no story calls
 */
export function measure(engine: RunContract, wasm: Uint8Array<ArrayBuffer>, sizes: readonly Size[]): Price[] {
  return sizes.flatMap((size) => {
    const contract = new MeasuredContract(engine, wasm)
    try {
      liveThrough(contract, size)
    } catch (error) {
      const where = `${size.participants} participants and ${size.domains} domains`
      throw new Error(`with ${where}, ${(error as Error).message}`, { cause: error })
    }
    const forgotten = unmeasured(wasm, contract.measurements)
    if (forgotten.length > 0) {
      throw new Error(`not measured: ${forgotten.join(', ')}; call each at its dearest in scripts/gas/story.ts`)
    }
    return dearest(contract.measurements, size)
  })
}
