import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Decision } from './decide.ts'
import { liveShares } from './live-shares.ts'
import { useOptimiser } from './optimiser.ts'
import type { ConfirmDelivery, DeliverShares } from './ports.ts'
import type { Repository } from './repository/repository.ts'

/**
 * Sends the live keyset's shares to the destination that the contract names, and confirms it there (protocol.md 3,
 * Recovery). Nothing is remembered: after a stop at any instruction the same view leads to the same steps, each of
 * which may be repeated. `onDelivered` is told once the node has answered 200.
 */
export async function restore(
  decision: Extract<Decision, { kind: 'restore' }>,
  ports: { node: DeliverShares; contract: ConfirmDelivery; repository: Pick<Repository, 'load'> },
  onDelivered: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { keyset, participantId, destination, snapshot, confirm } = decision
  useOptimiser()
  const { keyshares } = await liveShares(ports.repository, snapshot, keyset, participantId)
  try {
    signal.throwIfAborted()
    await ports.node.deliverShares(destination, keyshares, signal)
  } finally {
    for (const { privateShare } of keyshares) privateShare.fill(0)
  }
  onDelivered()
  if (!confirm) return
  await ports.contract.confirmDelivery(
    { tls_public_key: destination.tlsPublicKey, keyset_digest: keysetDigest(keyset) },
    signal,
  )
}
