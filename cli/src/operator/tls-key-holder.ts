import type { MigrationInfo, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { participantsOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

/** Who has a TLS key, in words; undefined if nobody that the state shows. */
export function tlsKeyHolder(
  { state, migrationInfo }: { state: ProtocolState; migrationInfo: MigrationInfo },
  tlsKey: Ed25519KeyText,
): { accountId: string; as: string } | undefined {
  const current = participantsOf(state).find(({ info }) => info.tls_public_key === tlsKey)
  if (current !== undefined) return { accountId: current.accountId, as: 'node' }
  const recovering = state.kind === 'Recovery' ? Object.entries(state.state.recovering) : []
  for (const [accountId, record] of recovering) {
    if (record.destination_node_info.tls_public_key === tlsKey) return { accountId, as: 'recovering node' }
  }
  for (const [accountId, [backup, migration]] of Object.entries(migrationInfo)) {
    if (backup?.public_key === tlsKey) return { accountId, as: 'backup service' }
    if (migration?.destination_node_info.tls_public_key === tlsKey) return { accountId, as: 'migrating node' }
  }
  return undefined
}

/**
 * An authorisation of a key that another operator's node or any backup service has could never be used: two keys were
 * mixed up. One's own node may have it: that is how the first nodes get their access keys.
 * @throws HoldfastError `TLS_KEY_OF_ANOTHER`
 */
export function refuseForeignKey(
  view: { state: ProtocolState; migrationInfo: MigrationInfo },
  accountId: string,
  tlsKey: Ed25519KeyText,
): void {
  const holder = tlsKeyHolder(view, tlsKey)
  if (holder === undefined || (holder.accountId === accountId && holder.as !== 'backup service')) return
  throw new HoldfastError(
    'TLS_KEY_OF_ANOTHER',
    `refusing to authorise the TLS key ${tlsKey} for ${accountId}: it is that of ${holder.accountId}'s ${holder.as}; ` +
      'compare it with what the new machine printed (holdfast keys)',
  )
}
