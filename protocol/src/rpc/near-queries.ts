import type { HoldfastError } from '../errors.ts'
import { stringifyJson, type Json } from '../json.ts'
import { isEd25519Key, type Ed25519KeyText } from '../near-key.ts'
import type { BlockReference, RpcEndpoint } from './ports.ts'
import { isObject, RpcError } from './rpc-error.ts'
import { RpcUnavailableError } from './unavailable.ts'

/** What a view call gave: the bytes it returned, or why the node or the contract refused, in the node's words. */
export type ViewAnswer = { kind: 'returned'; bytes: Buffer } | { kind: 'refused'; reason: string }

/** Errors that say something about the endpoint, not about the contract: they count as no answer. */
const NO_ANSWER = [
  'UNKNOWN_BLOCK',
  'GARBAGE_COLLECTED_BLOCK',
  'UNAVAILABLE_SHARD',
  'NO_SYNCED_BLOCKS',
  'INTERNAL_ERROR',
]

/** The newest final block of an endpoint. @throws as `RpcEndpoint.call` */
export async function finalBlock(endpoint: RpcEndpoint, signal?: AbortSignal): Promise<BlockReference> {
  return blockOf(await endpoint.call('block', { finality: 'final' }, signal), endpoint)
}

/** The block with a given hash. @throws as `RpcEndpoint.call`; RpcError `UNKNOWN_BLOCK` */
export async function blockByHash(endpoint: RpcEndpoint, hash: string, signal?: AbortSignal): Promise<BlockReference> {
  return blockOf(await endpoint.call('block', { block_id: hash }, signal), endpoint)
}

/** A function-call access key: which methods of which contract it may call. */
export type FunctionCallKey = { publicKey: Ed25519KeyText; receiverId: string; methods: string[] }

/**
 * The account's Ed25519 function-call keys in the newest final block.
 * @throws as `RpcEndpoint.call`; RpcError `UNKNOWN_ACCOUNT`
 */
export async function functionCallKeys(
  endpoint: RpcEndpoint,
  accountId: string,
  signal?: AbortSignal,
): Promise<FunctionCallKey[]> {
  return (await accessKeys(endpoint, accountId, signal)).flatMap(functionCallKeyOf)
}

/**
 * The public keys, of whatever curve, that may do anything with the account in the newest final block.
 * @throws as `RpcEndpoint.call`; RpcError `UNKNOWN_ACCOUNT`
 */
export async function fullAccessKeys(
  endpoint: RpcEndpoint,
  accountId: string,
  signal?: AbortSignal,
): Promise<string[]> {
  return (await accessKeys(endpoint, accountId, signal)).flatMap((json) => {
    if (!isObject(json) || typeof json.public_key !== 'string') return []
    const permission = isObject(json.access_key) ? json.access_key.permission : undefined
    // Newer protocol versions have keys that pay for gas beside those, with the same power.
    const isFull = permission === 'FullAccess' || (isObject(permission) && 'GasKeyFullAccess' in permission)
    return isFull ? [json.public_key] : []
  })
}

async function accessKeys(endpoint: RpcEndpoint, accountId: string, signal?: AbortSignal): Promise<Json[]> {
  const params = { request_type: 'view_access_key_list', account_id: accountId, finality: 'final' }
  const json = await endpoint.call('query', params, signal)
  if (isObject(json) && Array.isArray(json.keys)) return json.keys
  throw malformed(endpoint, 'view_access_key_list')
}

function functionCallKeyOf(json: Json): FunctionCallKey[] {
  if (!isObject(json) || typeof json.public_key !== 'string' || !isEd25519Key(json.public_key)) return []
  const permission = isObject(json.access_key) ? json.access_key.permission : undefined
  const limits = isObject(permission) ? permission.FunctionCall : undefined
  if (!isObject(limits) || typeof limits.receiver_id !== 'string' || !Array.isArray(limits.method_names)) return []
  return [{ publicKey: json.public_key, receiverId: limits.receiver_id, methods: limits.method_names.map(String) }]
}

/**
 * A view call at one block.
 * @throws as `RpcEndpoint.call`; an error that is the contract's or the account's is an answer, not thrown.
 */
export async function callView(
  endpoint: RpcEndpoint,
  view: { contractId: string; method: string; args: Json; blockHash: string },
  signal?: AbortSignal,
): Promise<ViewAnswer> {
  const params = {
    request_type: 'call_function',
    account_id: view.contractId,
    method_name: view.method,
    args_base64: Buffer.from(stringifyJson(view.args)).toString('base64'),
    block_id: view.blockHash,
  }
  try {
    return viewAnswerOf(await endpoint.call('query', params, signal), endpoint, view.blockHash)
  } catch (error) {
    if (!(error instanceof RpcError) || NO_ANSWER.includes(error.causeName)) throw error
    return { kind: 'refused', reason: typeof error.data === 'string' ? error.data : error.causeName }
  }
}

function viewAnswerOf(json: Json, endpoint: RpcEndpoint, blockHash: string): ViewAnswer {
  if (!isObject(json)) throw malformed(endpoint, 'a view call')
  if (typeof json.error === 'string') return { kind: 'refused', reason: json.error }
  if (json.block_hash !== blockHash || !Array.isArray(json.result)) throw malformed(endpoint, 'a view call')
  return { kind: 'returned', bytes: Buffer.from(json.result as number[]) }
}

function blockOf(json: Json, endpoint: RpcEndpoint): BlockReference {
  const header = isObject(json) ? json.header : undefined
  if (isObject(header)) {
    const { height, hash, timestamp_nanosec: nanoseconds } = header
    // `timestamp` beside it is a number that has lost its last digits in many a JSON library.
    if (
      isCount(height) &&
      typeof hash === 'string' &&
      typeof nanoseconds === 'string' &&
      /^[0-9]{1,20}$/.test(nanoseconds)
    ) {
      return { height: BigInt(height), hash, timestampMs: Number(BigInt(nanoseconds) / 1_000_000n) }
    }
  }
  throw malformed(endpoint, 'block')
}

function isCount(json: Json | undefined): json is number | bigint {
  return (typeof json === 'number' || typeof json === 'bigint') && json >= 0
}

function malformed(endpoint: RpcEndpoint, what: string): HoldfastError {
  return new RpcUnavailableError(`the RPC endpoint ${endpoint.name} answered ${what} with something else`, true)
}
