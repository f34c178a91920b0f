import { type Call, requireParticipant } from './call.ts'
import type { MigratingNode, ParticipantInfo } from './types.ts'
import { increment, type U64 } from './u64.ts'

/**
 * Puts a recovered or migrated node in the place of the caller's old one: same account, same participant id, next
 * incarnation; from now on its signer key is the one that votes. A migration that is still pending is over, since it was
 * meant for the node that is gone; and so is an authorisation of the replaced node itself, which its keys, found on a disk
 * somewhere, could ask for the shares with. Returns the new incarnation.
 */
export function replaceNode(call: Call, node: MigratingNode): U64 {
  const { ledger } = call
  const [, , old] = requireParticipant(call)
  const incarnation = increment(old.incarnation)
  writeOwnInfo(call, { ...node.destination_node_info, incarnation })
  ledger.setIdentity(call.caller, { ...ledger.identity(call.caller), signer_account_pk: node.signer_account_pk })
  dropMigration(call)
  if (ledger.authorization(call.caller)?.tls_public_key === old.tls_public_key) {
    ledger.setAuthorization(call.caller, null)
  }
  return incarnation
}

/** Writes another info of the caller among the participants, which the revision counts. */
export function writeOwnInfo(call: Call, info: ParticipantInfo): void {
  const { ledger } = call
  const [account, id] = requireParticipant(call)
  ledger.participants.replace([account, id, info])
  const core = ledger.core.read()
  ledger.core.write({ ...core, participants_revision: increment(core.participants_revision) })
}

/** Forgets the caller's pending migration, if it has one. */
export function dropMigration(call: Call): void {
  call.ledger.migrations.remove(call.caller)
}
