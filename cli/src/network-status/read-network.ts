import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseRecoverability, parseUpdateVotes } from '@holdfast/protocol/recoverability.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { NetworkFacts } from './network-status.ts'

/**
 * What the contract says of the network. Before its initialisation, and on near/mpc's contract, there is no word of
 * receipts and updates. @throws HoldfastError as the reader does
 */
export async function readNetwork(reader: ReadContract, signal: AbortSignal): Promise<NetworkFacts> {
  const view = await reader.readView(signal)
  if (view.state.kind === 'NotInitialized') return { view, recoverability: null, updateVotes: {} }
  const [recoverability, updateVotes] = await Promise.all([
    viewIfThere(reader, 'recoverability', signal),
    viewIfThere(reader, 'update_votes', signal),
  ])
  return {
    view,
    recoverability: recoverability === undefined ? null : parseRecoverability(recoverability),
    updateVotes: updateVotes === undefined ? {} : parseUpdateVotes(updateVotes),
  }
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
