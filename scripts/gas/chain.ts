import { hashText, sha256, utf8 } from '../../localnet/src/primitives/bytes.ts'
import { parsePublicKey } from '../../localnet/src/primitives/public-key.ts'
import type { CallContext, CallOutcome } from '../../localnet/src/vm/call.ts'
import type { ContractCode, RunContract } from '../../localnet/src/vm/ports.ts'
import { parseJson, stringifyJson, type Json } from '../../protocol/src/json.ts'
import type { Caller } from './people.ts'

/** The contract's own account. */
export const CONTRACT = 'holdfast.near'
/** What a transaction may attach at most. */
const MOST_GAS = 300e12
const BLOCK_NANOSECONDS = 600_000_000n

/** What one call did and cost. */
export interface Measurement {
  readonly method: string
  /** Burnt by the execution, without the fees of the transaction and its receipts. */
  readonly tgas: number
  /** What the account's storage usage grew by; below 0 if it shrank. */
  readonly storageBytes: number
  readonly outcome: CallOutcome
}

/** The contract on an engine, one block a call, with nothing else on the chain. Everything it does is measured. */
export class MeasuredContract {
  readonly measurements: Measurement[] = []
  readonly #engine: RunContract
  readonly #code: ContractCode
  #height = 1
  #now = 1_700_000_000_000_000_000n
  #storageUsage = 0
  /** A value: each change makes a new one. */
  #storage: ReadonlyMap<string, Uint8Array> = new Map()

  constructor(engine: RunContract, wasm: Uint8Array) {
    this.#engine = engine
    this.#code = { wasm, hash: hashText(wasm) }
  }

  /** A change call that must succeed; bytes go as they are, all else as JSON. Its changes stay. @throws Error with what the contract said */
  call(method: string, args: unknown, caller: Caller, deposit = 0n): void {
    this.pass(0)
    const outcome = this.#run(method, args, { attachedDeposit: deposit, ...signedBy(caller) })
    const storage = new Map(this.#storage)
    for (const [key, value] of outcome.storage) {
      if (value === null) storage.delete(key)
      else storage.set(key, value)
    }
    this.#storage = storage
    this.#storageUsage = outcome.storageUsage
  }

  /** A view call that must succeed; returns its JSON. @throws Error with what the contract said */
  view(method: string, args: unknown = {}): Json {
    return parseJson(new TextDecoder().decode(this.viewBytes(method, args)), method)
  }

  /** The same for a view that returns no JSON. */
  viewBytes(method: string, args: unknown = {}): Uint8Array {
    const { returned } = this.#run(method, args, { isView: true, ...signedBy(READER) })
    if (returned.kind !== 'value') throw new Error(`view ${method} returned nothing`)
    return returned.bytes
  }

  /** Time passes, and one block. */
  pass(seconds: number): void {
    this.#height += 1
    this.#now += BLOCK_NANOSECONDS + BigInt(seconds) * 1_000_000_000n
  }

  /** What `detour` does is measured, and then never happened. */
  detour(detour: () => void): void {
    const before = [this.#height, this.#now, this.#storageUsage, this.#storage] as const
    detour()
    ;[this.#height, this.#now, this.#storageUsage, this.#storage] = before
  }

  #run(method: string, args: unknown, changes: Partial<CallContext> & Signed): CallOutcome {
    const outcome = this.#engine.run(this.#code, method, {
      currentAccountId: CONTRACT,
      refundToAccountId: changes.predecessorAccountId,
      input: args instanceof Uint8Array ? args : utf8(stringifyJson(args)),
      blockHeight: this.#height,
      blockTimestamp: this.#now,
      epochHeight: 1,
      accountBalance: 10n ** 26n,
      lockedBalance: 0n,
      storageUsage: this.#storageUsage,
      attachedDeposit: 0n,
      prepaidGas: MOST_GAS,
      randomSeed: sha256(utf8(`seed of ${this.#height}`)),
      codeHash: sha256(this.#code.wasm),
      isView: false,
      promiseResults: [],
      outputReceivers: [],
      storage: this.#storage,
      ...changes,
    })
    if (outcome.failure !== null) {
      const why = 'text' in outcome.failure ? outcome.failure.text : outcome.failure.kind
      throw new Error(`${method} of ${changes.signerAccountId} failed: ${why.slice(0, 2000)}`)
    }
    const storageBytes = outcome.storageUsage - this.#storageUsage
    this.measurements.push({ method, tgas: outcome.burnt / 1e12, storageBytes, outcome })
    return outcome
  }
}

type Signed = Pick<CallContext, 'signerAccountId' | 'signerAccountPk' | 'predecessorAccountId'>

function signedBy({ account, key }: Caller): Signed {
  const parsed = parsePublicKey(key)
  if (!parsed.ok) throw new TypeError(`${account} signs with ${key}: ${parsed.problem}`)
  return { signerAccountId: account, predecessorAccountId: account, signerAccountPk: parsed.key.borsh }
}

const READER = { account: 'reader.near', key: 'ed25519:11111111111111111111111111111111' }
