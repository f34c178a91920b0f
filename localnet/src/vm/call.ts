import type { Action } from '../transaction/action.ts'
import type { VmFailure } from './errors.ts'
import type { GasProfile } from './gas-counter.ts'

export type PromiseResult = { readonly kind: 'success'; readonly data: Uint8Array } | { readonly kind: 'failed' }

/** What a contract call sees of the chain. */
export type CallContext = {
  readonly currentAccountId: string
  readonly signerAccountId: string
  readonly signerAccountPk: Uint8Array
  readonly predecessorAccountId: string
  readonly refundToAccountId: string
  readonly input: Uint8Array
  readonly blockHeight: number
  /** Nanoseconds since 1970. */
  readonly blockTimestamp: bigint
  readonly epochHeight: number
  /** Balance without the attached deposit, yoctoNEAR. */
  readonly accountBalance: bigint
  readonly lockedBalance: bigint
  readonly storageUsage: number
  readonly attachedDeposit: bigint
  readonly prepaidGas: number
  readonly randomSeed: Uint8Array
  readonly codeHash: Uint8Array | null
  readonly isView: boolean
  readonly promiseResults: readonly PromiseResult[]
  /** Who waits for this call's result: returning bytes costs for each. */
  readonly outputReceivers: readonly string[]
  /** The account's, by bytesToKey. */
  readonly storage: ReadonlyMap<string, Uint8Array>
}

/** A receipt the contract asked for; `dependsOn` are indices of earlier ones in the same call. */
export type NewReceipt = {
  readonly receiverId: string
  readonly actions: Action[]
  readonly dependsOn: readonly number[]
  refundTo: string | null
}

export type ReturnData =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  | { readonly kind: 'receipt'; readonly index: number }

/** How a call ended. When `failure` is set only gas, logs and profile count; nothing else may be applied. */
export type CallOutcome = {
  readonly failure: VmFailure | null
  readonly burnt: number
  readonly used: number
  readonly logs: readonly string[]
  readonly actionProfile: GasProfile
  readonly hostProfile: GasProfile
  readonly returned: ReturnData
  readonly balance: bigint
  readonly storageUsage: number
  /** Keys written (bytes) and removed (null). */
  readonly storage: ReadonlyMap<string, Uint8Array | null>
  readonly receipts: readonly NewReceipt[]
}
