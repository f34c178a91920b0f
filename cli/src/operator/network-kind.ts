import type { Network } from '@holdfast/backup-service/network/port.ts'
import { lookAtNetwork } from '@holdfast/backup-service/registration/look-at-network.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { majorityOf } from '@holdfast/protocol/rpc/quorum-size.ts'
import { shutdownSignal } from '../shutdown.ts'
import type { Target } from './target.ts'

/**
 * Which kind of network the target's contract makes, for what is said to it differs. Without endpoints, in a dry run, it is
 * taken for Holdfast's.
 * @throws HoldfastError those of the contract reader, `UNKNOWN_NETWORK`
 */
export async function networkKindOf({ rpcUrls, contractId }: Target): Promise<Network['kind']> {
  if (rpcUrls.length === 0) return 'holdfast'
  const reader = createContractReader({ endpoints: rpcUrls, contractId, quorum: majorityOf(rpcUrls.length) })
  try {
    const sight = await lookAtNetwork(reader, contractId, shutdownSignal())
    if (sight.kind === 'seen') return sight.network.kind
    throw sight.error
  } finally {
    reader.close()
  }
}
