import type { Action } from 'near-api-js'
import { stringifyJson, type Json } from '../json.ts'
import type { Ed25519KeyText } from '../near-key.ts'
import type { NearApi } from './near-provider.ts'

/** What a transaction does, one after the other and all or nothing. Amounts in yoctoNEAR (10^-24 NEAR). */
export type TransactionAction =
  | { kind: 'call'; method: string; args: Json; depositYocto?: bigint | undefined; gasTgas?: number | undefined }
  | {
      kind: 'callRaw'
      method: string
      args: Uint8Array
      depositYocto?: bigint | undefined
      gasTgas?: number | undefined
    }
  | { kind: 'createAccount' }
  | { kind: 'transfer'; yocto: bigint }
  | { kind: 'deployContract'; wasm: Uint8Array }
  | { kind: 'addFullAccessKey'; publicKey: Ed25519KeyText }
  /** A function-call key; without `allowanceYocto` it may spend on gas without limit. */
  | {
      kind: 'addFunctionCallKey'
      publicKey: Ed25519KeyText
      receiverId: string
      methods: readonly string[]
      allowanceYocto?: bigint | undefined
    }
  | { kind: 'deleteKey'; publicKey: Ed25519KeyText }

/** The most a transaction may attach (NEAR's limit). */
export const MOST_TGAS = 300
const GAS_PER_TGAS = 1_000_000_000_000n

/** The action in near-api-js's form. Arguments are JSON with bigints written digit for digit. */
export function nearAction(near: NearApi, action: TransactionAction): Action {
  const { actions, PublicKey } = near
  switch (action.kind) {
    case 'call':
      return functionCall(near, action.method, Buffer.from(stringifyJson(action.args)), action)
    case 'callRaw':
      return functionCall(near, action.method, action.args, action)
    case 'createAccount':
      return actions.createAccount()
    case 'transfer':
      return actions.transfer(action.yocto)
    case 'deployContract':
      return actions.deployContract(action.wasm)
    case 'addFullAccessKey':
      return actions.addFullAccessKey(PublicKey.from(action.publicKey))
    case 'addFunctionCallKey': {
      const { publicKey, receiverId, methods, allowanceYocto } = action
      return actions.addFunctionCallAccessKey(PublicKey.from(publicKey), receiverId, [...methods], allowanceYocto)
    }
    case 'deleteKey':
      return actions.deleteKey(PublicKey.from(action.publicKey))
    default:
      action satisfies never
      throw new TypeError('unknown transaction action')
  }
}

function functionCall(
  { actions }: NearApi,
  method: string,
  args: Uint8Array,
  { gasTgas = MOST_TGAS, depositYocto = 0n }: { gasTgas?: number | undefined; depositYocto?: bigint | undefined },
): Action {
  return actions.functionCall(method, args, BigInt(gasTgas) * GAS_PER_TGAS, depositYocto)
}
