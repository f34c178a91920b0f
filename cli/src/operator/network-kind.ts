import type { Network } from '@holdfast/backup-service/network/port.ts'
import { lookAtNetwork } from '@holdfast/backup-service/registration/look-at-network.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { majorityOf } from '@holdfast/protocol/rpc/quorum-size.ts'
import { shutdownSignal } from '../shutdown.ts'
import type { Target } from './target.ts'

/** A contract that has just been deployed is in the newest final block some seconds later. */
const PATIENCE_MS = 10_000
const AGAIN_MS = 500

/**
 * Which kind of network the target's contract makes, for what is said to it differs. Without endpoints, in a dry run, it is
 * taken for Holdfast's.
 * @throws HoldfastError those of the contract reader, `UNKNOWN_NETWORK`
 */
export async function networkKindOf({ rpcUrls, contractId }: Target): Promise<Network['kind']> {
  if (rpcUrls.length === 0) return 'holdfast'
  const reader = createContractReader({ endpoints: rpcUrls, contractId, quorum: majorityOf(rpcUrls.length) })
  const [signal, end] = [shutdownSignal(), performance.now() + PATIENCE_MS]
  try {
    for (;;) {
      const sight = await lookAtNetwork(reader, contractId, signal)
      if (sight.kind === 'seen') return sight.network.kind
      if (!isHoldfastError(sight.error, 'CONTRACT_UNREADABLE') || performance.now() > end) throw sight.error
      await sleep(AGAIN_MS, signal)
    }
  } finally {
    reader.close()
  }
}
