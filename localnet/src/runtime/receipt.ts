import type { PublicKey } from '../primitives/public-key.ts'
import type { Action } from '../transaction/action.ts'
import type { GasProfile } from '../vm/gas-counter.ts'
import type { ErrorJson } from './errors.ts'

export type DataReceiver = { readonly dataId: string; readonly receiverId: string }

/** Work for an account: actions to run there once all input data has come. */
export type ActionReceipt = {
  readonly kind: 'action'
  readonly id: string
  readonly predecessorId: string
  readonly receiverId: string
  readonly signerId: string
  readonly signerPublicKey: PublicKey
  /** 0n for refunds. */
  readonly gasPrice: bigint
  readonly actions: readonly Action[]
  readonly inputDataIds: readonly string[]
  readonly outputDataReceivers: readonly DataReceiver[]
  readonly refundTo: string | null
}

/** A result on its way to a waiting receipt; null when what should have made it failed. */
export type DataReceipt = {
  readonly kind: 'data'
  readonly id: string
  readonly predecessorId: string
  readonly receiverId: string
  readonly dataId: string
  readonly data: Uint8Array | null
}

export type Receipt = ActionReceipt | DataReceipt

export type OutcomeStatus =
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  | { readonly kind: 'receipt'; readonly id: string }
  | { readonly kind: 'failure'; readonly error: ErrorJson }

/** What became of a transaction or a receipt. */
export type Outcome = {
  readonly id: string
  readonly executorId: string
  readonly gasBurnt: number
  readonly tokensBurnt: bigint
  readonly logs: readonly string[]
  readonly receiptIds: readonly string[]
  readonly status: OutcomeStatus
  /** Null for transactions. */
  readonly profile: { readonly actions: GasProfile; readonly host: GasProfile } | null
}
