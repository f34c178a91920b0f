import { gasExceeded, gasLimitExceeded, integerOverflow } from './errors.ts'
import { HOST_COSTS, REGULAR_OP_GAS, VM_LIMITS, type HostCost } from './parameters.ts'

/** The instruction counter inside the instrumented module. */
export type OpsCell = { value: number }

export type GasProfile = ReadonlyMap<string, number>

const MAX_OPS = 2 ** 31 - 1

/**
 * Gas of one contract call. `burnt` is spent; `used` is burnt plus what is set aside for promises. Both stay within
 * what was attached, and burnt within the hard limit of 300 Tgas.
 */
export class GasCounter {
  readonly #prepaid: number
  readonly #actions = new Map<string, number>()
  readonly #host = new Map<string, number>()
  #ops: OpsCell | null = null
  #opsGiven = 0
  #burnt = 0
  #promises = 0

  constructor(prepaid: number, isView: boolean) {
    this.#prepaid = isView ? Number.MAX_SAFE_INTEGER : prepaid
  }

  get burnt(): number {
    return this.#burnt
  }

  get used(): number {
    return this.#burnt + this.#promises
  }

  get unused(): number {
    return this.#prepaid - this.used
  }

  get actionProfile(): GasProfile {
    return this.#actions
  }

  get hostProfile(): GasProfile {
    return this.#host
  }

  #exceed(newBurnt: number, newUsed: number): never {
    this.#burnt = Math.min(newBurnt, this.#prepaid, VM_LIMITS.maxGasBurnt)
    this.#promises = Math.max(0, Math.min(this.#prepaid, newUsed) - this.#burnt)
    throw newBurnt > VM_LIMITS.maxGasBurnt ? gasLimitExceeded() : gasExceeded()
  }

  #deduct(profile: Map<string, number>, name: string, burn: number, use: number): void {
    const before = this.#burnt
    try {
      const newBurnt = this.#burnt + burn
      const newPromises = this.#promises + use - burn
      if (newBurnt > VM_LIMITS.maxGasBurnt || newBurnt + newPromises > this.#prepaid)
        this.#exceed(newBurnt, newBurnt + newPromises)
      this.#burnt = newBurnt
      this.#promises = newPromises
    } finally {
      profile.set(name, (profile.get(name) ?? 0) + this.#burnt - before)
    }
  }

  pay(cost: HostCost, units = 1): void {
    const gas = HOST_COSTS[cost] * units
    if (gas >= 2 ** 64) throw integerOverflow()
    this.#deduct(this.#host, cost.toUpperCase(), gas, gas)
  }

  /** An action added to a promise: `burn` now, `use - burn` set aside for its execution. */
  payAction(name: string, burn: number, use: number): void {
    this.#deduct(this.#actions, name, burn, use)
  }

  /** Sets gas aside for a promise's function call. */
  prepay(gas: number): void {
    const newUsed = this.used + gas
    if (newUsed > this.#prepaid) this.#exceed(this.#burnt, newUsed)
    this.#promises += gas
  }

  /** From here on the module counts in `cell`. */
  attach(cell: OpsCell): void {
    this.#ops = cell
    this.publish()
  }

  /** Tells the module how many instructions it may still run. */
  publish(): void {
    if (this.#ops === null) return
    const limit = Math.min(VM_LIMITS.maxGasBurnt, this.#prepaid - this.#promises)
    this.#opsGiven = Math.min(MAX_OPS, Math.max(0, Math.floor((limit - this.#burnt) / REGULAR_OP_GAS)))
    this.#ops.value = this.#opsGiven
  }

  /** Charges the instructions run since the last publish. */
  settle(): void {
    if (this.#ops === null) return
    const run = this.#opsGiven - this.#ops.value
    this.#opsGiven = this.#ops.value
    if (run !== 0) this.#deduct(this.#host, 'WASM_INSTRUCTION', run * REGULAR_OP_GAS, run * REGULAR_OP_GAS)
  }
}
