import type { PublicKey } from '../primitives/public-key.ts'

export type FunctionCallPermission = {
  readonly kind: 'call'
  /** What transactions with this key may still cost, yoctoNEAR; null is unlimited. */
  readonly allowance: bigint | null
  readonly receiverId: string
  /** Empty means every method. */
  readonly methodNames: readonly string[]
}
export type Permission = { readonly kind: 'full' } | FunctionCallPermission
export type AccessKey = { readonly nonce: bigint; readonly permission: Permission }

/** The actions this chain executes. Amounts are yoctoNEAR. */
export type Action =
  | { readonly type: 'CreateAccount' }
  | { readonly type: 'DeployContract'; readonly code: Uint8Array }
  | {
      readonly type: 'FunctionCall'
      readonly methodName: string
      readonly args: Uint8Array
      readonly gas: bigint
      readonly deposit: bigint
    }
  | { readonly type: 'Transfer'; readonly deposit: bigint }
  | { readonly type: 'AddKey'; readonly publicKey: PublicKey; readonly accessKey: AccessKey }
  | { readonly type: 'DeleteKey'; readonly publicKey: PublicKey }
  | { readonly type: 'DeleteAccount'; readonly beneficiaryId: string }

export const actionDeposit = (action: Action): bigint =>
  action.type === 'FunctionCall' || action.type === 'Transfer' ? action.deposit : 0n

export const actionGas = (action: Action): bigint => (action.type === 'FunctionCall' ? action.gas : 0n)
