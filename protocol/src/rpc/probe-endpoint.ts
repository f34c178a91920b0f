import { parseProtocolState } from '../contract-state.ts'
import { errorMessage } from '../errors.ts'
import { parseJson, type Json } from '../json.ts'
import { callView, finalBlock, type ViewAnswer } from './near-queries.ts'
import type { RpcEndpoint } from './ports.ts'
import { isObject, RpcError } from './rpc-error.ts'
import { viewFault } from '../view-fault.ts'
import { answeredOtherwise } from './unavailable.ts'

/** What is wrong with an endpoint for good, as far as one can tell from outside. */
export type ProbeFault = 'no-near-rpc' | 'wrong-chain' | 'wrong-contract'

export type Probe =
  /** `chainId` is undefined where a provider does not serve `status`. */
  | { kind: 'right'; chainId: string | undefined }
  /** Nothing is known of it: no connection, a deadline, overload, a key that is not accepted. */
  | { kind: 'unreachable'; detail: string }
  | { kind: 'wrong'; fault: ProbeFault; detail: string; chainId?: string | undefined }

export type ProbeOptions = {
  contractId: string
  /** What `status` must say, such as `mainnet`; undefined where any chain will do. */
  chainId: string | undefined
  signal: AbortSignal
}

/** Errors of a NEAR node that is not ready: they say nothing about what it is. */
const NOT_READY = new Set([
  'NO_SYNCED_BLOCKS',
  'NOT_SYNCED_YET',
  'INTERNAL_ERROR',
  'TIMEOUT_ERROR',
  'UNAVAILABLE_SHARD',
])

/**
 * Asks one endpoint what it is: whether it speaks NEAR's JSON-RPC, of which chain, and whether the contract there answers
 * as Holdfast's (or near/mpc's) does. One look, no retries; what one endpoint says about a contract is its own word.
 * @throws only the signal's reason
 */
export async function probeEndpoint(endpoint: RpcEndpoint, options: ProbeOptions): Promise<Probe> {
  try {
    const found = await chainIdOf(endpoint, options.signal)
    if (options.chainId !== undefined && found !== undefined && found !== options.chainId) {
      return wrong('wrong-chain', `it follows the chain ${quoted(found)}, expected ${quoted(options.chainId)}`)
    }
    const block = await finalBlock(endpoint, options.signal)
    return await judgeContract(endpoint, block.hash, found, options)
  } catch (error) {
    options.signal.throwIfAborted()
    return judged(error)
  }
}

async function chainIdOf(endpoint: RpcEndpoint, signal: AbortSignal): Promise<string | undefined> {
  let status: Json
  try {
    status = await endpoint.call('status', [], signal)
  } catch (error) {
    // Some providers keep `status` to themselves; whether it speaks NEAR at all, the next question shows.
    if (error instanceof RpcError && !NOT_READY.has(error.causeName)) return undefined
    throw error
  }
  return isObject(status) && typeof status.chain_id === 'string' ? status.chain_id : undefined
}

/** It has shown a NEAR block by now: whatever else it gets wrong from here on is trouble, not another kind of server. */
async function judgeContract(
  endpoint: RpcEndpoint,
  blockHash: string,
  chainId: string | undefined,
  { contractId, signal }: ProbeOptions,
): Promise<Probe> {
  try {
    const answer = await callView(endpoint, { contractId, method: 'state', args: {}, blockHash }, signal)
    const detail = contractFault(answer, contractId)
    return detail === undefined
      ? { kind: 'right', chainId }
      : { kind: 'wrong', fault: 'wrong-contract', detail, chainId }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'unreachable', detail: errorMessage(error) }
  }
}

function contractFault(answer: ViewAnswer, contractId: string): string | undefined {
  if (answer.kind === 'refused')
    return (
      viewFault(answer.reason, contractId, 'state') ??
      `the view state of ${contractId} fails there: ${answer.reason.slice(0, 200)}`
    )
  try {
    parseProtocolState(parseJson(answer.bytes.toString('utf8'), `the view state of ${contractId}`))
    return undefined
  } catch (error) {
    return `${contractId} does not answer as a Holdfast contract: ${errorMessage(error)}`
  }
}

function judged(error: unknown): Probe {
  const detail = errorMessage(error)
  if (error instanceof RpcError)
    return NOT_READY.has(error.causeName) ? { kind: 'unreachable', detail } : wrong('no-near-rpc', detail)
  return answeredOtherwise(error) ? wrong('no-near-rpc', detail) : { kind: 'unreachable', detail }
}

function wrong(fault: ProbeFault, detail: string): Probe {
  return { kind: 'wrong', fault, detail }
}

/** A chain id is the endpoint's word and goes into logs. */
function quoted(chainId: string): string {
  return JSON.stringify(chainId.slice(0, 60))
}
