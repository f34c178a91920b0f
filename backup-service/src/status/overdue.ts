import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Network } from '../network/port.ts'
import type { Facts } from './status.ts'

/** A node that has its shares concludes with its next look at the contract; after this long something hinders it. */
export const CONCLUDED_WITHIN_MS = 5 * 60_000

/**
 * Whether a node that was given its shares is late with its conclusion, by block time since the first delivery for the request
 * that this view shows open. What another process delivered counts where the contract tells of it.
 */
export function overdueIn(
  { block }: Pick<ContractView, 'block'>,
  request: ReturnType<Network['restoreRequest']>,
  lastRestore: Facts['last_restore'],
  { whatHindersConclusion }: Pick<Network, 'whatHindersConclusion'>,
): Facts['overdue'] {
  if (request === undefined || (request.claim === 'migration' && request.standing === 'paused')) return null
  const isOurs = lastRestore?.destination_tls_public_key === request.tlsPublicKey
  const own = isOurs && lastRestore.waiting_since !== null ? [Date.parse(lastRestore.waiting_since)] : []
  const shown = request.claim === 'recovery' && request.delivered !== null ? [request.delivered.atMs] : []
  const sinceMs = Math.min(...own, ...shown)
  if (block.timestampMs - sinceMs < CONCLUDED_WITHIN_MS || sinceMs === Infinity) return null
  return { since: new Date(sinceMs).toISOString(), look_at: whatHindersConclusion }
}
