import type { Block } from '../../chain/block.ts'
import { sha256, toBase64, bytesToKey, fromBase58, keyToBytes, ZERO_HASH } from '../../primitives/bytes.ts'
import { viewErrorText } from '../../runtime/errors.ts'
import type { AccountState } from '../../state/world.ts'
import { runContract } from '../../vm/run-contract.ts'
import { VM_LIMITS } from '../../vm/parameters.ts'
import { findBlock, parseBlockReference, type BlockReference } from '../block-reference.ts'
import { argumentError, handlerError } from '../errors.ts'
import type { RpcContext, RpcMethod, RpcMethods } from '../method.ts'
import {
  isObject,
  objectParams,
  requireAccountId,
  requireBase64,
  requirePublicKey,
  requireString,
  type Params,
} from '../params.ts'
import { accessKeyView } from '../views/transaction.ts'

/** The node's order, as its error for an unknown one lists them. */
const REQUEST_TYPES = [
  'view_account',
  'view_code',
  'view_state',
  'view_access_key',
  'view_access_key_list',
  'view_gas_key',
  'view_gas_key_list',
  'call_function',
  'view_global_contract_code',
  'view_global_contract_code_by_account_id',
]

/** More than this in an account's storage cannot be listed. */
const MAX_VIEW_STATE = 50_000

type View = {
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

function viewAccount(view: View): object {
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

function viewCode(view: View): object {
  const { code } = requireAccount(view)
  if (code === null)
    throw handlerError(
      'NO_CONTRACT_CODE',
      { ...at(view.block), contract_account_id: view.accountId },
      `Contract code for contract ID #${view.accountId} has never been observed on the node`,
    )
  return { ...at(view.block), code_base64: toBase64(code.wasm), hash: code.hash }
}

function viewState(view: View): object {
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
function viewAccessKey(view: View): object {
  const key = requirePublicKey(view.params, 'public_key')
  const access = view.block.state.get(view.accountId)?.keys.get(key.text)
  if (access === undefined)
    return { ...at(view.block), error: `access key ${key.text} does not exist while viewing`, logs: [] }
  return { ...at(view.block), ...accessKeyView(access) }
}

function viewAccessKeyList(view: View): object {
  const { keys } = requireAccount(view)
  const list = [...keys]
    // The node lists keys in the order of their bytes.
    .sort(([a], [b]) => Buffer.compare(fromBase58(a.split(':')[1] ?? ''), fromBase58(b.split(':')[1] ?? '')))
    .map(([text, access]) => ({ access_key: accessKeyView(access), public_key: text }))
  return { ...at(view.block), keys: list }
}

function callFunction(view: View): object {
  const { params, block, accountId, context } = view
  const method = requireString(params, 'method_name')
  const input = requireBase64(params, 'args_base64')
  const account = requireAccount(view)
  const failed = (error: string, logs: readonly string[]): object => ({
    ...at(block),
    error: `wasm execution failed with error: ${error}`,
    logs,
  })
  if (account.code === null) return failed(viewErrorText({ kind: 'code_does_not_exist', accountId }), [])
  const outcome = runContract(context.chain.contracts.get(account.code), method, {
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
    readStorage: (key) => account.data.get(key),
  })
  if (outcome.failure !== null) return failed(viewErrorText(outcome.failure), outcome.logs)
  const bytes = outcome.returned.kind === 'value' ? outcome.returned.bytes : new Uint8Array()
  return { ...at(block), logs: outcome.logs, result: [...bytes] }
}

const VIEWS: Readonly<Record<string, (view: View) => object>> = {
  view_account: viewAccount,
  view_code: viewCode,
  view_state: viewState,
  view_access_key: viewAccessKey,
  view_access_key_list: viewAccessKeyList,
  call_function: callFunction,
}

/** The form `["account/alice.near", ""]`, older than named parameters. */
function fromPath(params: readonly unknown[]): Params {
  const [path, data] = params
  if (typeof path !== 'string') throw argumentError('invalid type: expected a string')
  const [kind, accountId, rest] = path.split('/')
  const base = { finality: 'optimistic', account_id: accountId }
  switch (kind) {
    case 'account':
      return { ...base, request_type: 'view_account' }
    case 'access_key':
      return rest === undefined
        ? { ...base, request_type: 'view_access_key_list' }
        : { ...base, request_type: 'view_access_key', public_key: rest }
    case 'code':
      return { ...base, request_type: 'view_code' }
    case 'contract':
      return {
        ...base,
        request_type: 'view_state',
        prefix_base64: Buffer.from(fromBase58(String(data))).toString('base64'),
      }
    case 'call':
      return {
        ...base,
        request_type: 'call_function',
        method_name: rest,
        args_base64: Buffer.from(fromBase58(String(data))).toString('base64'),
      }
    default:
      throw argumentError(`Unknown path: ${path}`)
  }
}

function requireBlock(reference: BlockReference, { chain, lag }: RpcContext): Block {
  const found = findBlock(chain.blocks, reference, lag)
  switch (found.kind) {
    case 'found':
      return found.block
    case 'missing':
      throw handlerError('UNKNOWN_BLOCK', { block_reference: found.reference }, found.text)
    case 'forgotten': {
      const info = { block_height: found.block, block_hash: ZERO_HASH }
      throw handlerError(
        'GARBAGE_COLLECTED_BLOCK',
        info,
        `The data for block #${found.block} is garbage collected on this node, use an archival node to fetch historical data`,
      )
    }
    default:
      throw new TypeError(`unknown lookup ${String(found satisfies never)}`)
  }
}

const query: RpcMethod = (sent, context) => {
  const params = Array.isArray(sent) ? fromPath(sent) : objectParams(sent)
  if (!isObject(params)) throw argumentError('invalid type: expected a map')
  const reference = parseBlockReference(params, 'no variant of enum BlockReference found in flattened data')
  const type = requireString(params, 'request_type')
  const view = VIEWS[type]
  if (view === undefined) {
    if (REQUEST_TYPES.includes(type)) throw argumentError(`the localnet does not offer the request type ${type}`)
    throw argumentError(
      `unknown variant \`${type}\`, expected one of ${REQUEST_TYPES.map((name) => `\`${name}\``).join(', ')}`,
    )
  }
  const accountId = requireAccountId(params, 'account_id')
  // What the request says is checked before the block is looked up, as the node does.
  if (type === 'view_access_key') requirePublicKey(params, 'public_key')
  if (type === 'call_function') requireBase64(params, 'args_base64')
  if (type === 'view_state') requireBase64(params, 'prefix_base64')
  return view({ params, accountId, block: requireBlock(reference, context), context })
}

export const queryMethods: RpcMethods = { query }
