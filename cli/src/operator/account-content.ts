import { decodeBase58 } from '@holdfast/protocol/near-key.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import type { RpcEndpoint } from '@holdfast/protocol/rpc/ports.ts'
import { isObject, RpcError } from '@holdfast/protocol/rpc/rpc-error.ts'

const REQUEST_TIMEOUT_MS = 5_000
/** What NEAR gives as the code hash of an account without code: 32 zero bytes. */
const NO_CODE = Buffer.alloc(32).toString('hex')

/** What an account has that a deployment would replace or read as its own. */
export type AccountContent = { codeSha256: string | undefined; hasState: boolean }

/**
 * Whether the contract's code must be deployed, or is there already and lacks only `init`.
 * @throws HoldfastError `CONTRACT_EXISTS`: nothing is ever deployed over other code or over state
 */
export function decideDeployment(accountId: string, found: AccountContent, sha256: string): 'deploy' | 'init only' {
  if (found.codeSha256 === undefined && !found.hasState) return 'deploy'
  if (found.codeSha256 === sha256 && !found.hasState) return 'init only'
  const what =
    found.codeSha256 === undefined
      ? 'state'
      : `${found.codeSha256 === sha256 ? 'this very contract' : `the code with SHA-256 ${found.codeSha256}`}${found.hasState ? ' and state' : ''}`
  throw new HoldfastError(
    'CONTRACT_EXISTS',
    `refusing to deploy on ${accountId}: found ${what}, expected an account without code and state; ` +
      'see holdfast status if this is your network, or name another account',
  )
}

/**
 * Code and state of an account in final state. Every endpoint must answer, and all alike: a lie here could cost a contract.
 * @throws HoldfastError `RPC_UNAVAILABLE`, `RPC_ERROR` (no such account), `VIEW_DISAGREED`
 */
export async function accountContent(
  accountId: string,
  rpcUrls: readonly string[],
  signal: AbortSignal,
): Promise<AccountContent> {
  const endpoints = rpcUrls.map((url) => createRpcEndpoint(url, REQUEST_TIMEOUT_MS))
  try {
    const answers = await Promise.all(endpoints.map((endpoint) => contentAt(endpoint, accountId, signal)))
    const [first, ...others] = answers
    if (first === undefined) throw new HoldfastError('RPC_UNAVAILABLE', 'no RPC endpoint is given')
    const other = others.find((each) => each.codeSha256 !== first.codeSha256 || each.hasState !== first.hasState)
    if (other === undefined) return first
    throw new HoldfastError(
      'VIEW_DISAGREED',
      `the RPC endpoints disagree on what is deployed on ${accountId}; find out which one is wrong and leave it out`,
    )
  } finally {
    for (const endpoint of endpoints) endpoint.close()
  }
}

async function contentAt(endpoint: RpcEndpoint, accountId: string, signal: AbortSignal): Promise<AccountContent> {
  const of = { finality: 'final', account_id: accountId }
  const account = await endpoint.call('query', { request_type: 'view_account', ...of }, signal)
  const hash = isObject(account) && typeof account.code_hash === 'string' ? decodeBase58(account.code_hash) : undefined
  if (hash?.length !== 32) {
    throw new HoldfastError('RPC_UNAVAILABLE', `${endpoint.name} answered view_account with something else`)
  }
  const hex = Buffer.from(hash).toString('hex')
  return { codeSha256: hex === NO_CODE ? undefined : hex, hasState: await hasState(endpoint, of, signal) }
}

async function hasState(endpoint: RpcEndpoint, of: { finality: string; account_id: string }, signal: AbortSignal) {
  try {
    const state = await endpoint.call('query', { request_type: 'view_state', ...of, prefix_base64: '' }, signal)
    if (isObject(state) && Array.isArray(state.values)) return state.values.length > 0
  } catch (error) {
    if (error instanceof RpcError && error.causeName === 'TOO_LARGE_CONTRACT_STATE') return true
    throw error
  }
  throw new HoldfastError('RPC_UNAVAILABLE', `${endpoint.name} answered view_state with something else`)
}
