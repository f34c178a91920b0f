import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Decision } from './decide.ts'
import type { ConfirmDelivery, DeliverShares } from './ports.ts'
import type { Repository } from './repository/repository.ts'
import type { SnapshotContent } from './repository/snapshot-content.ts'

/**
 * Sends the live keyset's shares to the destination that the contract names, and confirms it there (protocol.md 3,
 * Recovery). Nothing is remembered: after a stop at any instruction the same view leads to the same steps, each of
 * which may be repeated. `onDelivered` is told once the node has answered 200.
 */
export async function restore(
  decision: Extract<Decision, { kind: 'restore' }>,
  ports: { node: DeliverShares; contract: ConfirmDelivery; repository: Repository },
  onDelivered: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { keyset, participantId, destination, snapshot, confirm } = decision
  const content = await ports.repository.load(snapshot)
  const { proveContent } = await import('./repository/snapshot-content.ts')
  const live: SnapshotContent = { keyset, participantId, keyshares: sharesOf(keyset, content) }
  // Against the keyset that is live now, not only against the one that the snapshot was made for.
  proveContent(live)
  signal.throwIfAborted()
  await ports.node.deliverShares(destination, live.keyshares, signal)
  for (const { privateShare } of content.keyshares) privateShare.fill(0)
  onDelivered()
  if (!confirm) return
  await ports.contract.confirmDelivery(
    { tls_public_key: destination.tlsPublicKey, keyset_digest: keysetDigest(keyset) },
    signal,
  )
}

/** A snapshot may hold more domains than are live, and the node wants exactly those that are. */
function sharesOf(
  { domains }: SnapshotContent['keyset'],
  { keyshares }: SnapshotContent,
): SnapshotContent['keyshares'] {
  const live = new Set(domains.map(({ domain_id }) => domain_id))
  return keyshares.filter(({ domainId }) => live.has(domainId))
}
