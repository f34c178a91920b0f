import type { Block } from '../../chain/block.ts'
import { bytesToKey, fromBase58, keyToBytes, sha256, toBase64, ZERO_HASH } from '../../primitives/bytes.ts'
import { functionCallError, viewErrorText } from '../../runtime/errors.ts'
import type { AccountState } from '../../state/world.ts'
import type { VmFailure } from '../../vm/errors.ts'
import { VM_LIMITS } from '../../vm/parameters.ts'
import { handlerError } from '../errors.ts'
import type { RpcContext } from '../method.ts'
import { requireBase64, requirePublicKey, requireString, type Params } from '../params.ts'
import { accessKeyView } from './transaction.ts'

/** More than this in an account's storage cannot be listed. */
const MAX_VIEW_STATE = 50_000

export type View = {
  readonly params: Params
  readonly accountId: string
  readonly block: Block
  readonly context: RpcContext
}

const at = (block: Block): { block_hash: string; block_height: number } => ({
  block_hash: block.hash,
  block_height: block.height,
})

function requireAccount({ accountId, block }: View): AccountState {
  const account = block.state.get(accountId)
  if (account === undefined)
    throw handlerError(
      'UNKNOWN_ACCOUNT',
      { ...at(block), requested_account_id: accountId },
      `account ${accountId} does not exist while viewing`,
    )
  return account
}

export function viewAccount(view: View): object {
  const account = requireAccount(view)
  return {
    amount: String(account.amount),
    ...at(view.block),
    code_hash: account.code?.hash ?? ZERO_HASH,
    locked: String(account.locked),
    storage_paid_at: 0,
    storage_usage: account.storageUsage,
  }
}

export function viewCode(view: View): object {
  const { code } = requireAccount(view)
  if (code === null)
    throw handlerError(
      'NO_CONTRACT_CODE',
      { ...at(view.block), contract_account_id: view.accountId },
      `Contract code for contract ID #${view.accountId} has never been observed on the node`,
    )
  return { ...at(view.block), code_base64: toBase64(code.wasm), hash: code.hash }
}

export function viewState(view: View): object {
  const prefix = bytesToKey(requireBase64(view.params, 'prefix_base64'))
  const account = requireAccount(view)
  if (account.storageUsage - (account.code?.wasm.length ?? 0) > MAX_VIEW_STATE)
    throw handlerError(
      'TOO_LARGE_CONTRACT_STATE',
      { ...at(view.block), contract_account_id: view.accountId },
      `The state of contract ${view.accountId} is too large to be viewed`,
    )
  const values = [...account.data]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key: toBase64(keyToBytes(key)), value: toBase64(value) }))
  return { ...at(view.block), values }
}

/** An unknown key is no error of the request: the node answers with a result that has an `error` field. */
export function viewAccessKey(view: View): object {
  const key = requirePublicKey(view.params, 'public_key')
  const access = view.block.state.get(view.accountId)?.keys.get(key.text)
  if (access === undefined)
    return { ...at(view.block), error: `access key ${key.text} does not exist while viewing`, logs: [] }
  return { ...at(view.block), ...accessKeyView(access) }
}

export function viewAccessKeyList(view: View): object {
  const { keys } = requireAccount(view)
  const list = [...keys]
    // The node lists keys in the order of their bytes.
    .sort(([a], [b]) => Buffer.compare(fromBase58(a.split(':')[1] ?? ''), fromBase58(b.split(':')[1] ?? '')))
    .map(([text, access]) => ({ access_key: accessKeyView(access), public_key: text }))
  return { ...at(view.block), keys: list }
}

export function callFunction(view: View): object {
  const { failure, logs, result } = runFunction(view)
  if (failure === null) return { ...at(view.block), logs, result }
  return { ...at(view.block), error: `wasm execution failed with error: ${viewErrorText(failure)}`, logs }
}

/** The newer method of its own for the same, in newer nodes: a failure is an error of the request, with its parts. */
export function experimentalCallFunction(view: View): object {
  const { failure, logs, result } = runFunction(view)
  if (failure === null) return { ...at(view.block), logs, result }
  throw handlerError(
    'CONTRACT_EXECUTION_ERROR',
    { ...at(view.block), vm_error: functionCallError(failure) },
    `Function call returned an error: ${viewErrorText(failure)}`,
  )
}

type FunctionResult = { failure: VmFailure | null; logs: readonly string[]; result: number[] }

function runFunction(view: View): FunctionResult {
  const { params, block, accountId, context } = view
  const method = requireString(params, 'method_name')
  const input = requireBase64(params, 'args_base64')
  const account = requireAccount(view)
  if (account.code === null) return { failure: { kind: 'code_does_not_exist', accountId }, logs: [], result: [] }
  const outcome = context.chain.options.engine.run(account.code, method, {
    currentAccountId: accountId,
    signerAccountId: accountId,
    signerAccountPk: new Uint8Array(33),
    predecessorAccountId: accountId,
    refundToAccountId: accountId,
    input,
    blockHeight: block.height,
    blockTimestamp: block.timestamp,
    epochHeight: context.chain.epochHeight(block.height),
    accountBalance: account.amount,
    lockedBalance: account.locked,
    storageUsage: account.storageUsage,
    attachedDeposit: 0n,
    prepaidGas: VM_LIMITS.maxGasBurnt,
    randomSeed: sha256(block.randomValue),
    codeHash: fromBase58(account.code.hash),
    isView: true,
    promiseResults: [],
    outputReceivers: [],
    storage: account.data,
  })
  const bytes = outcome.returned.kind === 'value' ? outcome.returned.bytes : new Uint8Array()
  return { failure: outcome.failure, logs: outcome.logs, result: [...bytes] }
}
