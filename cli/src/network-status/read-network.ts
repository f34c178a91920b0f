import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseRecoverability, parseUpdateVotes } from '@holdfast/protocol/recoverability.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { fullAccessKeys } from '@holdfast/protocol/rpc/near-queries.ts'
import { agreedKeys, keyLists } from '../near/agreed-keys.ts'
import type { NetworkFacts } from './network-status.ts'

/** Where the network's contract is, and how many of the endpoints must agree. */
export type NetworkSource = { contractId: string; endpoints: readonly string[]; quorum: number }

/**
 * What the contract says of the network. Before its initialisation, and on near/mpc's contract, there is no word of
 * receipts and updates. @throws HoldfastError as the reader does
 */
export async function readNetwork(
  reader: ReadContract,
  source: NetworkSource,
  signal: AbortSignal,
): Promise<NetworkFacts> {
  const view = await reader.readView(signal)
  const keys = await readFullAccessKeys(source, signal)
  if (view.state.kind === 'NotInitialized') return { view, recoverability: null, updateVotes: {}, fullAccessKeys: keys }
  const [recoverability, updateVotes] = await Promise.all([
    viewIfThere(reader, 'recoverability', signal),
    viewIfThere(reader, 'update_votes', signal),
  ])
  return {
    view,
    recoverability: recoverability === undefined ? null : parseRecoverability(recoverability),
    updateVotes: updateVotes === undefined ? {} : parseUpdateVotes(updateVotes),
    fullAccessKeys: keys,
  }
}

/** The status is worth having without them. */
async function readFullAccessKeys(
  { contractId, endpoints, quorum }: NetworkSource,
  signal: AbortSignal,
): Promise<NetworkFacts['fullAccessKeys']> {
  try {
    const account = { accountId: contractId, rpcUrls: endpoints, quorum }
    const lists = await keyLists(account, (endpoint) => fullAccessKeys(endpoint, contractId, signal))
    return agreedOrUnknown(lists, quorum)
  } catch (error) {
    signal.throwIfAborted()
    return { unknown: errorMessage(error) }
  }
}

/** That there is none must be agreed too: an endpoint that hides a key is as bad as one that makes one up. */
export function agreedOrUnknown(lists: readonly (readonly string[])[], quorum: number): NetworkFacts['fullAccessKeys'] {
  const agreed = agreedKeys(lists, quorum)
  if (agreed.length > 0 || lists.filter((list) => list.length === 0).length >= quorum) return agreed
  return { unknown: 'the RPC endpoints disagree' }
}

async function viewIfThere(reader: ReadContract, method: string, signal: AbortSignal): Promise<Json | undefined> {
  try {
    return await reader.viewMethod(method, {}, signal)
  } catch (error) {
    // The state could be read, so what is missing is the method.
    if (isHoldfastError(error) && error.code === 'CONTRACT_UNREADABLE') return undefined
    throw error
  }
}
