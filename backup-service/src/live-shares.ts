import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Repository } from './repository/repository.ts'
import type { Snapshot } from './repository/snapshot.ts'

export type LiveShares = {
  /** Exactly those of the keyset, proved against it; whoever is done with them wipes them. */
  keyshares: Keyshare[]
  /** False where some domain has no commitments, so that only its group key could be compared. */
  provedGenuine: boolean
}

/**
 * Opens a snapshot for use: its shares of the keyset that is live now, proved against that keyset and not only against the
 * one that the snapshot says it was made for. What a restore sends, and what a verification proves, is this.
 * @throws HoldfastError `SNAPSHOT_*`, `KEYSHARE_*`
 */
export async function liveShares(
  repository: Pick<Repository, 'load'>,
  snapshot: Snapshot,
  keyset: Keyset,
  participantId: number,
): Promise<LiveShares> {
  const content = await repository.load(snapshot)
  const { proveContent } = await import('./repository/snapshot-content.ts')
  const live = new Set(keyset.domains.map(({ domain_id }) => domain_id))
  // A snapshot may hold more domains than are live, and the node wants exactly those that are.
  const keyshares = content.keyshares.filter(({ domainId }) => live.has(domainId))
  return { keyshares, provedGenuine: proveContent({ keyset, participantId, keyshares }) }
}
