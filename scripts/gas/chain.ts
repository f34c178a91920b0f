import type { NearVm } from '../../localnet/near-vm/client.ts'
import type { GasProfile } from '../../localnet/near-vm/messages.ts'
import { parseJson, stringifyJson, type Json } from '../../protocol/src/json.ts'
import type { Caller } from './people.ts'

/** The contract's own account. */
export const CONTRACT = 'holdfast.near'
/** What a transaction may attach at most. */
const MOST_GAS = 300e12
const BLOCK_NANOSECONDS = 600_000_000n

/** What one call cost. */
export interface Measurement {
  readonly method: string
  /** Burnt by the execution, without the fees of the transaction and its receipts. */
  readonly tgas: number
  /** What the account's storage usage grew by; below 0 if it shrank. */
  readonly storageBytes: number
  readonly profile: GasProfile
}

/** The contract on NEAR's VM, one block a call, with nothing else on the chain. Everything it does is measured. */
export class MeasuredContract {
  readonly measurements: Measurement[] = []
  readonly #vm: NearVm
  readonly #codeHash: string
  #height = 1
  #now = 1_700_000_000_000_000_000n
  #storageUsage = 0

  constructor(vm: NearVm, codeHash: string) {
    this.#vm = vm
    this.#codeHash = codeHash
  }

  /** A change call that must succeed; its changes stay. @throws Error with what the contract said */
  async call(method: string, args: unknown, caller: Caller, deposit = 0n): Promise<void> {
    this.pass(0)
    const outcome = await this.#vm.call({
      ...this.#context(method, args, caller),
      deposit,
      storageUsage: this.#storageUsage,
      view: false,
    })
    if (outcome.error !== null) {
      throw new Error(`${method} of ${caller.account} failed: ${outcome.error.message.slice(0, 2000)}`)
    }
    this.#measured(method, outcome.burntGas, outcome.storageUsage - this.#storageUsage, outcome.profile)
    this.#storageUsage = outcome.storageUsage
  }

  /** A view call that must succeed; returns its JSON. @throws Error with what the contract said */
  async view(method: string, args: unknown = {}): Promise<Json> {
    const context = this.#context(method, args, { account: 'reader.near', key: READER_KEY })
    const outcome = await this.#vm.call({ ...context, deposit: 0n, storageUsage: this.#storageUsage, view: true })
    if (outcome.error !== null) throw new Error(`view ${method} failed: ${outcome.error.message.slice(0, 2000)}`)
    this.#measured(method, outcome.burntGas, 0, outcome.profile)
    if (outcome.returned.kind !== 'value') throw new Error(`view ${method} returned nothing`)
    return parseJson(new TextDecoder().decode(outcome.returned.value), method)
  }

  /** Time passes, and one block. */
  pass(seconds: number): void {
    this.#height += 1
    this.#now += BLOCK_NANOSECONDS + BigInt(seconds) * 1_000_000_000n
  }

  /** What `detour` does is measured, and then never happened. */
  async detour(detour: () => Promise<void>): Promise<void> {
    await this.#vm.commit(CONTRACT)
    const before = { height: this.#height, now: this.#now, storageUsage: this.#storageUsage }
    await detour()
    await this.#vm.rollback(CONTRACT)
    this.#height = before.height
    this.#now = before.now
    this.#storageUsage = before.storageUsage
  }

  #context(method: string, args: unknown, { account, key }: Caller) {
    return {
      codeHash: this.#codeHash,
      method,
      input: new TextEncoder().encode(stringifyJson(args)),
      account: CONTRACT,
      predecessor: account,
      signer: account,
      signerPublicKey: key,
      prepaidGas: MOST_GAS,
      blockHeight: this.#height,
      blockTimestamp: this.#now,
      epochHeight: 1,
      balance: 10n ** 26n,
      lockedBalance: 0n,
    }
  }

  #measured(method: string, gas: number, storageBytes: number, profile: GasProfile): void {
    this.measurements.push({ method, tgas: gas / 1e12, storageBytes, profile })
  }
}

const READER_KEY = 'ed25519:11111111111111111111111111111111'
