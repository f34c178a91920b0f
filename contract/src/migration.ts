import { type Call, requireOperator, requireParticipant, requirePhase } from './call.ts'
import { emit } from './events.ts'
import { requireSignerKey } from './key-event.ts'
import { dropMigration, replaceNode, writeOwnInfo } from './node-replacement.ts'
import { refuse } from './refusal.ts'
import { claimTlsKey } from './tls-keys.ts'
import type { MigratingNode } from './types.ts'
import { fields, present } from './validation/arguments.ts'
import { requireLiveKeyset } from './validation/keyset.ts'
import { ed25519Key, nodeInfo, url } from './validation/node-info.ts'

/**
 * Running -> Running: the operator says which node is to take its node's place over, in a planned move. What was said before
 * is replaced. The old node goes on until the new one concludes.
 */
export function startNodeMigration(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['destination_node_info'])
  requirePhase(ledger.core.read(), 'Running')
  const [, , current] = requireParticipant(call)
  requireOperator(call)
  const path = 'destination_node_info'
  present(args.destination_node_info, path)
  const given = fields(args.destination_node_info, path, ['signer_account_pk', 'destination_node_info'])
  const signer_account_pk = ed25519Key(given.signer_account_pk, `${path}.signer_account_pk`, chain)
  present(given.destination_node_info, `${path}.destination_node_info`)
  const destination_node_info = nodeInfo(given.destination_node_info, `${path}.destination_node_info`, chain)
  const { tls_public_key } = destination_node_info
  if (tls_public_key === current.tls_public_key) {
    refuse(
      'OWN_TLS_KEY',
      `${tls_public_key} is the node's present TLS key; a migration needs a node with a new one, and a mere change of ` +
        'url update_participant_url',
    )
  }
  claimTlsKey(call, tls_public_key, ['candidate', 'migrating node'], true)
  const node: MigratingNode = { signer_account_pk, destination_node_info }
  ledger.migrations.set(call.caller, node)
  emit(call, 'node_migration_started', { account_id: call.caller, signer_account_pk, ...destination_node_info })
}

/** Any state, as with near/mpc: the operator gives the planned move up. */
export function cancelNodeMigration(call: Call, input: unknown): void {
  fields(input, 'arguments', [])
  requireOperator(call)
  const { destination_node_info } = requireMigration(call)
  dropMigration(call)
  emit(call, 'node_migration_cancelled', { account_id: call.caller, ...destination_node_info })
}

/**
 * Running -> Running: the new node has the live keyset and takes the place over. The checks come in near/mpc's order. In
 * Running nobody recovers, so there is no pending recovery to drop.
 */
export function concludeNodeMigration(call: Call, input: unknown): void {
  const { ledger } = call
  const args = fields(input, 'arguments', ['keyset'])
  requirePhase(ledger.core.read(), 'Running')
  requireParticipant(call)
  requireLiveKeyset(args.keyset, ledger)
  const node = requireMigration(call)
  requireSignerKey(call, node.signer_account_pk)
  const incarnation = replaceNode(call, node)
  emit(call, 'node_migration_concluded', { account_id: call.caller, ...node.destination_node_info, incarnation })
}

/** Running -> Running: the operator's node is the same, at another address. The url that is known changes nothing. */
export function updateParticipantUrl(call: Call, input: unknown): void {
  const args = fields(input, 'arguments', ['url'])
  requirePhase(call.ledger.core.read(), 'Running')
  const [, , current] = requireParticipant(call)
  requireOperator(call)
  const found = url(args.url, 'url')
  if (found === current.url) return
  writeOwnInfo(call, { ...current, url: found })
  emit(call, 'participant_url_updated', { account_id: call.caller, url: found })
}

function requireMigration(call: Call): MigratingNode {
  const node = call.ledger.migrations.get(call.caller)
  if (node === undefined) {
    refuse('MIGRATION_NOT_FOUND', `${call.caller} has no pending migration; start_node_migration begins one`)
  }
  return node
}
