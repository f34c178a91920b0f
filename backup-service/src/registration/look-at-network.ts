import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { networkIdentifier } from '../network/identify.ts'
import type { Network } from '../network/port.ts'

/** What kind of network this is, as a quorum shows it; or why that cannot be told now. */
export type Sight = { kind: 'seen'; view: ContractView; network: Network } | { kind: 'unseen'; error: unknown }

/** One look at the contract, for who can do with or without what it shows. @throws only the signal's reason */
export async function lookAtNetwork(reader: ReadContract, contractId: string, signal: AbortSignal): Promise<Sight> {
  try {
    const view = await reader.readView(signal)
    return { kind: 'seen', view, network: await networkIdentifier(reader, { contractId }).identify(view, signal) }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'unseen', error }
  }
}
