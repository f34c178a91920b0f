import { isAccountId } from '../../primitives/account-id.ts'
import { publicKeyFromBorsh, type PublicKey } from '../../primitives/public-key.ts'
import { FEES, type FeeName } from '../../runtime/fees.ts'
import type { CallContext, NewReceipt, ReturnData } from '../call.ts'
import {
  balanceExceeded,
  HostError,
  invalidAccountId,
  invalidPublicKey,
  logTooLong,
  prohibitedInView,
} from '../errors.ts'
import { GasCounter } from '../gas-counter.ts'
import type { WeightedCall } from '../gas-weights.ts'
import { decodeUtf8, GuestMemory } from '../guest-memory.ts'
import { VM_LIMITS } from '../parameters.ts'

/** A host function as WebAssembly calls it: i64 as bigint, i32 as number. */
export type HostFunction = (...parameters: never[]) => bigint | number | void
export type HostFunctions = Readonly<Record<string, HostFunction>>

/** A promise the contract holds: one receipt, or several joined by `promise_and`. */
export type GuestPromise =
  { readonly kind: 'receipt'; readonly index: number } | { readonly kind: 'joint'; readonly indices: readonly number[] }

/** Everything one contract call does to the world, kept apart until it has ended well. */
export class Host {
  readonly context: CallContext
  readonly gas: GasCounter
  readonly memory: GuestMemory
  readonly logs: string[] = []
  readonly storage = new Map<string, Uint8Array | null>()
  readonly receipts: NewReceipt[] = []
  readonly promises: GuestPromise[] = []
  readonly weights: WeightedCall[] = []
  balance: bigint
  storageUsage: number
  returned: ReturnData = { kind: 'none' }
  #logBytes = 0

  constructor(context: CallContext) {
    this.context = context
    this.gas = new GasCounter(context.prepaidGas, context.isView)
    this.memory = new GuestMemory(this.gas)
    this.balance = context.accountBalance + context.attachedDeposit
    this.storageUsage = context.storageUsage
  }

  forbidInView(method: string): void {
    if (this.context.isView) throw prohibitedInView(method)
  }

  readText(len: bigint, ptr: bigint): string {
    return this.memory.readLogText(len, ptr, this.logRoom)
  }

  checkCanLog(): void {
    if (this.logs.length >= VM_LIMITS.maxLogs)
      throw new HostError(
        `The number of logs will exceed the limit ${VM_LIMITS.maxLogs}`,
        `NumberOfLogsExceeded { limit: ${VM_LIMITS.maxLogs} }`,
      )
  }

  log(message: string): void {
    const bytes = Buffer.byteLength(message)
    // The node counts the text that does not fit twice.
    if (bytes > this.logRoom) throw logTooLong(2 * bytes, this.logRoom)
    this.#logBytes += bytes
    this.logs.push(message)
  }

  get logRoom(): number {
    return VM_LIMITS.maxTotalLogLength - this.#logBytes
  }

  readAccountId(len: bigint, ptr: bigint): string {
    const bytes = this.memory.readSource(ptr, len)
    this.gas.pay('utf8_decoding_base')
    this.gas.pay('utf8_decoding_byte', bytes.length)
    const text = decodeUtf8(bytes)
    if (!isAccountId(text)) throw invalidAccountId()
    return text
  }

  /** Reads a key now; what is returned decodes it, as NEAR does: after everything else has been looked at. */
  readPublicKey(len: bigint, ptr: bigint): () => PublicKey {
    const key = publicKeyFromBorsh(this.memory.readSource(ptr, len))
    return () => {
      if (key === null) throw invalidPublicKey()
      return key
    }
  }

  payActionBase(name: FeeName, toSelf: boolean, units = 1): void {
    const burn = (toSelf ? FEES[name].sendSelf : FEES[name].send) * units
    this.gas.payAction(name.toUpperCase(), burn, burn + FEES[name].execute * units)
  }

  deductBalance(amount: bigint): void {
    if (amount > this.balance) throw balanceExceeded()
    this.balance -= amount
  }

  readStorage(key: string): Uint8Array | undefined {
    const changed = this.storage.get(key)
    if (changed !== undefined) return changed ?? undefined
    return changed === null ? undefined : this.context.storage.get(key)
  }
}
