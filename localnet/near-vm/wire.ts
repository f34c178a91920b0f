import { bytesToKey, keyToBytes, toBase64 } from '../src/primitives/bytes.ts'
import type {
  GasProfile,
  NearVmAction,
  NearVmCall,
  NearVmError,
  NearVmOutcome,
  NearVmReceipt,
  NearVmReturn,
  Storage,
} from './messages.ts'

type Base64 = string

/** The outcome as the program writes it. */
export interface OutcomeLine {
  readonly returned: { kind: 'none' } | { kind: 'value'; value: Base64 } | { kind: 'receipt'; index: number }
  readonly logs: string[]
  readonly receipts: { receiver: string; after: number[]; refund_to?: string; actions: ActionLine[] }[]
  readonly changes: { key: Base64; value: Base64 | null }[]
  readonly balance: string
  readonly storage_usage: number
  readonly burnt_gas: number
  readonly used_gas: number
  readonly error: NearVmError | null
  readonly profile: GasProfile
}

type ActionLine =
  | { kind: 'create_account' }
  | { kind: 'deploy_contract'; code: Base64 }
  | { kind: 'function_call'; method: string; args: Base64; deposit: string; gas: number; gas_weight: string }
  | { kind: 'transfer'; deposit: string }
  | { kind: 'stake'; stake: string; public_key: string }
  | { kind: 'add_full_access_key'; public_key: string; nonce: string }
  | {
      kind: 'add_function_call_key'
      public_key: string
      nonce: string
      allowance: string | null
      receiver: string
      methods: string[]
    }
  | { kind: 'delete_key'; public_key: string }
  | { kind: 'delete_account'; beneficiary: string }

/** A `call` request without its id. */
export function callRequest(call: NearVmCall): Record<string, unknown> {
  return {
    op: 'call',
    code_hash: call.codeHash,
    method: call.method,
    input: toBase64(call.input),
    account: call.account,
    predecessor: call.predecessor,
    signer: call.signer,
    signer_public_key: call.signerPublicKey,
    deposit: String(call.deposit),
    prepaid_gas: call.prepaidGas,
    block_height: call.blockHeight,
    block_timestamp: String(call.blockTimestamp),
    epoch_height: call.epochHeight,
    balance: String(call.balance),
    locked_balance: String(call.lockedBalance),
    storage_usage: call.storageUsage,
    view: call.view,
    promise_results: call.promiseResults?.map((result) => (result === null ? null : toBase64(result))),
    refund_to: call.refundTo,
    output_receivers: call.outputReceivers,
    random_seed: call.randomSeed && toBase64(call.randomSeed),
    storage: storageLine(call.storage),
  }
}

function storageLine(storage: Storage): Record<Base64, Base64> {
  return Object.fromEntries([...storage].map(([key, value]) => [toBase64(keyToBytes(key)), toBase64(value)]))
}

export function readOutcome(line: OutcomeLine): NearVmOutcome {
  return {
    returned: returned(line.returned),
    logs: line.logs,
    receipts: line.receipts.map(({ receiver, after, refund_to, actions }): NearVmReceipt => ({
      receiver,
      after,
      // the program leaves it out where nobody was named
      refundTo: refund_to ?? null,
      actions: actions.map(action),
    })),
    changes: new Map(
      line.changes.map(({ key, value }) => [bytesToKey(bytes(key)), value === null ? null : bytes(value)]),
    ),
    balance: BigInt(line.balance),
    storageUsage: line.storage_usage,
    burntGas: line.burnt_gas,
    usedGas: line.used_gas,
    error: line.error,
    profile: line.profile,
  }
}

function returned(line: OutcomeLine['returned']): NearVmReturn {
  return line.kind === 'value' ? { kind: 'value', value: bytes(line.value) } : line
}

function action(line: ActionLine): NearVmAction {
  switch (line.kind) {
    case 'create_account':
    case 'delete_account':
      return line
    case 'deploy_contract':
      return { kind: line.kind, code: bytes(line.code) }
    case 'function_call':
      return {
        kind: line.kind,
        method: line.method,
        args: bytes(line.args),
        deposit: BigInt(line.deposit),
        gas: line.gas,
        gasWeight: BigInt(line.gas_weight),
      }
    case 'transfer':
      return { kind: line.kind, deposit: BigInt(line.deposit) }
    case 'stake':
      return { kind: line.kind, stake: BigInt(line.stake), publicKey: line.public_key }
    case 'add_full_access_key':
      return { kind: line.kind, publicKey: line.public_key, nonce: BigInt(line.nonce) }
    case 'add_function_call_key':
      return {
        kind: line.kind,
        publicKey: line.public_key,
        nonce: BigInt(line.nonce),
        allowance: line.allowance === null ? null : BigInt(line.allowance),
        receiver: line.receiver,
        methods: line.methods,
      }
    case 'delete_key':
      return { kind: line.kind, publicKey: line.public_key }
    default:
      throw new Error(`unknown action ${JSON.stringify(line satisfies never)}`)
  }
}

const bytes = (text: Base64): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
