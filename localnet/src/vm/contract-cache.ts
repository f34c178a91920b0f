import { prepareContract, type PreparedContract } from './run-contract.ts'

/** Compiled contracts by code hash: compiling takes tens of milliseconds, a call a few. */
export class ContractCache {
  readonly #prepared = new Map<string, PreparedContract>()

  get(code: { readonly wasm: Uint8Array; readonly hash: string }): PreparedContract {
    const known = this.#prepared.get(code.hash)
    if (known !== undefined) return known
    const prepared = prepareContract(code.wasm)
    this.#prepared.set(code.hash, prepared)
    return prepared
  }
}
