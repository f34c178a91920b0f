import type { ProtocolState } from '@holdfast/protocol/contract-state.ts'
import { blockTimeNs, liveRecoveries, participantOf } from '@holdfast/protocol/live-state.ts'
import type { BlockReference, ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { RestoreRequest } from './port.ts'

/**
 * The account's migration as a request for its shares (near-mpc.md 4.1, `migration_info`): the record outlives resharings and
 * key generations, in which nothing can be concluded, and near/mpc's contract lets an operator name the key that he has already.
 */
export function migrationRequest(
  { state, migrationInfo, block }: ContractView,
  accountId: string,
): Extract<RestoreRequest, { claim: 'migration' }> | undefined {
  const record = Object.hasOwn(migrationInfo, accountId) ? migrationInfo[accountId]?.[1] : undefined
  const participant = participantOf(state, accountId)
  if (record === undefined || record === null || participant === undefined) return undefined
  const { tls_public_key: tlsPublicKey, url } = record.destination_node_info
  if (participant.info.tls_public_key === tlsPublicKey) return undefined
  const standing = mayConclude(state, block) ? 'open' : 'paused'
  return { claim: 'migration', tlsPublicKey, url, signerKey: record.signer_account_pk, standing }
}

/** In Running alone; and in a Recovery that every record has expired of, for the conclusion itself ends that. */
function mayConclude(state: ProtocolState, block: BlockReference): boolean {
  return state.kind === 'Running' || (state.kind === 'Recovery' && liveRecoveries(state, blockTimeNs(block)).size === 0)
}
