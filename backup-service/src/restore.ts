import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Decision } from './decide.ts'
import type { Delivered } from './delivered.ts'
import { liveShares } from './live-shares.ts'
import { useOptimiser } from './optimiser.ts'
import type { ConfirmDelivery, DeliverShares, FetchShares } from './ports.ts'
import { readBack, type ReadBack } from './read-back.ts'
import type { Repository } from './repository/repository.ts'

export type Restore = Extract<Decision, { kind: 'restore' }>

export type RestorePorts = {
  node: FetchShares & DeliverShares
  contract: ConfirmDelivery
  repository: Pick<Repository, 'load'>
}

/** `provedGenuine` is false where some domain has no commitments, so that its share only matches the group key. */
export type Restored = { delivery: Delivered; provedGenuine: boolean }

/**
 * Sends the live keyset's shares to the destination that the contract names, and finishes as its network does (protocol.md 3,
 * Recovery): the contract is told, or the node is asked for what it was given. Nothing is remembered: after a stop at any
 * instruction the same view leads to the same steps, each of which may be repeated. `onDelivered` is told once the node has
 * answered 200.
 * @throws HoldfastError `SNAPSHOT_*`, `KEYSHARE_*`; those of the ports and of `readBack`
 */
export async function restore(
  work: Pick<Restore, 'keyset' | 'participantId' | 'destination' | 'snapshot' | 'finish'>,
  ports: RestorePorts,
  onDelivered: () => void,
  signal: AbortSignal,
): Promise<Restored> {
  const { keyset, participantId, destination, snapshot, finish } = work
  useOptimiser()
  const { keyshares, provedGenuine } = await liveShares(ports.repository, snapshot, keyset, participantId)
  try {
    signal.throwIfAborted()
    await ports.node.deliverShares(destination, keyshares, signal)
    onDelivered()
    switch (finish.kind) {
      case 'none':
        return { delivery: 'said', provedGenuine }
      case 'call':
        break
      case 'read-back':
        return {
          delivery: AFTER[await readBack(destination, finish.keyset, keyshares, ports.node, signal)],
          provedGenuine,
        }
      default:
        finish satisfies never
        throw new TypeError('unknown finish')
    }
  } finally {
    for (const { privateShare } of keyshares) privateShare.fill(0)
  }
  await ports.contract.confirmDelivery(
    { tls_public_key: destination.tlsPublicKey, keyset_digest: keysetDigest(keyset) },
    signal,
  )
  return { delivery: 'confirmed', provedGenuine }
}

const AFTER: Record<ReadBack, Delivered> = { equal: 'read-back', 'not-served': 'said' }
