/** What the program in src/ is asked and answers; src/wire.rs and src/outcome.rs are the other side. */

/** Contract storage: keys as `bytesToKey` makes them, one character per byte. */
export type Storage = ReadonlyMap<string, Uint8Array>

/** One execution of a contract method. Balances in yoctoNEAR, times in nanoseconds since 1970. */
export interface NearVmCall {
  /** As `load` answered. */
  readonly codeHash: string
  readonly method: string
  readonly input: Uint8Array
  /** The account whose code runs. */
  readonly account: string
  readonly predecessor: string
  readonly signer: string
  /** `ed25519:…` or `secp256k1:…` */
  readonly signerPublicKey: string
  readonly deposit: bigint
  /** Views have 300 Tgas, whatever stands here. */
  readonly prepaidGas: number
  readonly blockHeight: number
  readonly blockTimestamp: bigint
  readonly epochHeight: number
  /** Without the attached deposit. */
  readonly balance: bigint
  readonly lockedBalance: bigint
  /** Bytes before the call. */
  readonly storageUsage: number
  readonly view: boolean
  /** Of the promises this call is the callback of; null for one that failed. */
  readonly promiseResults?: readonly (Uint8Array | null)[]
  readonly refundTo?: string
  /** Who waits for the result: each costs by the byte. */
  readonly outputReceivers?: readonly string[]
  readonly randomSeed?: Uint8Array
  /** The account's, whole. */
  readonly storage: Storage
}

export type NearVmReturn =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: Uint8Array }
  /** `index` into the receipts. */
  | { readonly kind: 'receipt'; readonly index: number }

export type NearVmAction =
  | { readonly kind: 'create_account' }
  | { readonly kind: 'deploy_contract'; readonly code: Uint8Array }
  | {
      readonly kind: 'function_call'
      readonly method: string
      readonly args: Uint8Array
      readonly deposit: bigint
      readonly gas: number
      readonly gasWeight: bigint
    }
  | { readonly kind: 'transfer'; readonly deposit: bigint }
  | { readonly kind: 'stake'; readonly stake: bigint; readonly publicKey: string }
  | { readonly kind: 'add_full_access_key'; readonly publicKey: string; readonly nonce: bigint }
  | {
      readonly kind: 'add_function_call_key'
      readonly publicKey: string
      readonly nonce: bigint
      readonly allowance: bigint | null
      readonly receiver: string
      readonly methods: readonly string[]
    }
  | { readonly kind: 'delete_key'; readonly publicKey: string }
  | { readonly kind: 'delete_account'; readonly beneficiary: string }

export interface NearVmReceipt {
  readonly receiver: string
  /** Indices of the receipts whose results it waits for. */
  readonly after: readonly number[]
  /** Who gets the deposit back if it fails, where the contract has said so. */
  readonly refundTo: string | null
  readonly actions: readonly NearVmAction[]
}

/** Why the contract stopped. */
export interface NearVmError {
  /** As a NEAR node names it in `FunctionCallError`. */
  readonly kind: 'ExecutionError' | 'MethodResolveError' | 'LinkError' | 'CompilationError'
  /** What a transaction's outcome shows. */
  readonly message: string
  /** What the answer to a view call shows: Rust's Debug form. */
  readonly debug: string
}

/** Gas per cost, without zeros. */
export interface GasProfile {
  /** Of the wasm instructions. */
  readonly wasm: number
  /** Of host functions, by NEAR's cost names; `contract_loading_*` is loading the code. */
  readonly host: Readonly<Record<string, number>>
  /** Of receipts and actions sent. */
  readonly actions: Readonly<Record<string, number>>
}

export interface NearVmOutcome {
  readonly returned: NearVmReturn
  readonly logs: readonly string[]
  /** Empty if the call failed. */
  readonly receipts: readonly NearVmReceipt[]
  /** Only keys whose value differs from before, in order; null where the key is gone. None if the call failed. */
  readonly changes: ReadonlyMap<string, Uint8Array | null>
  readonly balance: bigint
  readonly storageUsage: number
  readonly burntGas: number
  /** Burnt and set aside for what the receipts call. */
  readonly usedGas: number
  readonly error: NearVmError | null
  readonly profile: GasProfile
}
