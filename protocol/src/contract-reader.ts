import { parseMigrationInfo, parseNodeAuthorization, parseProtocolState } from './contract-state.ts'
import { contractPanic } from './contract-panic.ts'
import { HoldfastError } from './errors.ts'
import { parseJson, type Json } from './json.ts'
import { sameBlock } from './rpc/agreement.ts'
import { createRpcEndpoint } from './rpc/near-rpc-endpoint.ts'
import type { ViewAnswer } from './rpc/near-queries.ts'
import type { BlockReference, ContractView, EndpointEvent, ReadContract } from './rpc/ports.ts'
import { createQuorum, type Agreed, type View } from './rpc/quorum.ts'
import { quorumFault } from './rpc/quorum-size.ts'
import { viewFault } from './view-fault.ts'

export type ContractReaderOptions = {
  /** URLs of NEAR RPC endpoints, from different providers if `quorum` is to mean anything. */
  endpoints: readonly string[]
  contractId: string
  /** How many endpoints must give the same answer: a majority (rpc/quorum-size.ts). */
  quorum: number
  /** Older final blocks (and younger ones, by our clock) are not acted on. Milliseconds, default 5 minutes. */
  maxViewAgeMs?: number | undefined
  /** For each single request. Milliseconds, default 5 seconds. */
  requestTimeoutMs?: number | undefined
  onEndpoint?: ((event: EndpointEvent) => void) | undefined
  now?: () => number
}

const DEFAULT_MAX_VIEW_AGE_MS = 300_000
const DEFAULT_REQUEST_TIMEOUT_MS = 5_000

/**
 * Reads the contract's final state so that no single endpoint can lie, lag or hang without being overruled by a quorum:
 * every endpoint is asked for its final block; the newest block that `quorum` endpoints have reached is chosen; and what
 * `quorum` of them say about it, byte for byte, counts. Blocks never go backwards. Nothing is retried here.
 *
 * The methods throw HoldfastError `RPC_UNAVAILABLE` (fewer than `quorum` answered), `VIEW_DISAGREED` (they contradict each
 * other), `VIEW_STALE` (the newest agreed block is too old, or too far in the future), `CONTRACT_UNREADABLE` (no such
 * account, contract or method), `CONTRACT_REFUSED` (the view panicked), `INVALID_STATE`, `UNKNOWN_STATE`.
 * Endpoints are named by host only.
 * @throws HoldfastError `INVALID_ENDPOINT`, `INVALID_QUORUM`
 */
export function createContractReader(options: ContractReaderOptions): ReadContract {
  const { contractId, quorum, now = Date.now } = options
  const { maxViewAgeMs = DEFAULT_MAX_VIEW_AGE_MS, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options
  checkQuorum(options)
  const endpoints = options.endpoints.map((url) => createRpcEndpoint(url, requestTimeoutMs))
  const quorumOf = createQuorum({
    endpoints,
    quorum,
    onEndpoint: options.onEndpoint ?? (() => undefined),
    checkBlock: (block) => checkAge(block, now(), maxViewAgeMs),
  })
  let cached: ContractView | undefined

  function read(views: readonly View[], signal: AbortSignal, known?: BlockReference): Promise<Agreed> {
    return quorumOf.ask(contractId, views, signal, known)
  }

  async function viewMethod(method: string, args: Json, signal: AbortSignal): Promise<Json> {
    const { answers } = await read([{ method, args }], signal)
    return returnedJson(answers[0], contractId, method)
  }

  return {
    async readView(signal) {
      const { block, answers } = await read(STATE_VIEWS, signal, cached?.block)
      if (cached !== undefined && sameBlock(block, cached.block)) return cached
      const stateJson = returnedJson(answers[0], contractId, 'state')
      const state = parseProtocolState(stateJson)
      // Before its initialisation the contract answers the one view with a word and refuses the other.
      const migrationInfo =
        state.kind === 'NotInitialized'
          ? {}
          : parseMigrationInfo(returnedJson(answers[1], contractId, 'migration_info'))
      cached = { block, state, migrationInfo, stateJson }
      return cached
    },
    async readAuthorization(accountId, signal) {
      return parseNodeAuthorization(await viewMethod('node_authorization', { account_id: accountId }, signal))
    },
    viewMethod,
    close() {
      for (const endpoint of endpoints) endpoint.close()
    },
  }
}

const STATE_VIEWS: readonly View[] = [
  { method: 'state', args: {} },
  { method: 'migration_info', args: {} },
]

function returnedJson(answer: ViewAnswer | undefined, contractId: string, method: string): Json {
  if (answer?.kind === 'returned') {
    const text = answer.bytes.toString('utf8')
    return text === '' ? null : parseJson(text, `the view ${method} of ${contractId}`, 'INVALID_STATE')
  }
  const reason = answer?.reason ?? 'no answer'
  const fault = viewFault(reason, contractId, method)
  throw (
    (fault === undefined ? contractPanic(reason, method) : undefined) ??
    new HoldfastError(
      'CONTRACT_UNREADABLE',
      `cannot read ${method} of ${contractId}: ${fault ?? reason.slice(0, 300)}; check the contract account and the network`,
    )
  )
}

function checkAge({ height, timestampMs }: BlockReference, now: number, maxViewAgeMs: number): void {
  const age = now - timestampMs
  if (Math.abs(age) <= maxViewAgeMs) return
  const found = age > 0 ? `${Math.round(age / 1000)} s old` : `${Math.round(-age / 1000)} s in the future`
  throw new HoldfastError(
    'VIEW_STALE',
    `the newest final block that enough endpoints agree on (${height}) is ${found}, expected at most ` +
      `${Math.round(maxViewAgeMs / 1000)} s; check this machine's clock and whether the RPC endpoints follow the chain`,
  )
}

function checkQuorum({ endpoints, quorum }: ContractReaderOptions): void {
  const fault = quorumFault(quorum, endpoints.length)
  if (fault !== undefined) throw new HoldfastError('INVALID_QUORUM', fault)
  if (new Set(endpoints).size < endpoints.length) {
    throw new HoldfastError('INVALID_QUORUM', 'the same RPC endpoint is listed twice: it would vote twice')
  }
}
