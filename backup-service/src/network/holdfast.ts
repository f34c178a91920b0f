import type { RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import { liveKeyset } from '@holdfast/protocol/live-state.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { migrationRequest } from './migration-request.ts'
import type { Network, RestoreRequest } from './port.ts'

/** Holdfast's own contract (protocol.md 2): recoveries and migrations, receipts, commitments. */
export const HOLDFAST: Network = {
  kind: 'holdfast',
  label: 'holdfast',
  restoreRequest: (view, accountId) => recoveryRequest(view, accountId) ?? migrationRequest(view, accountId),
  // A migration has no record that a call could be written into; the node's own word is what there is.
  confirmationOf: (claim) => (claim === 'recovery' ? 'call' : 'read-back'),
  // While keys are generated the contract still counts the keyset before.
  takesReceipts: ({ state }) => liveKeyset(state) !== undefined,
  howToRegister: () => 'register it with: holdfast register',
  howToAskForRestore:
    'authorise the new node (holdfast authorise) and start it, which asks for the recovery; or move by plan (holdfast migrate)',
  whatHindersConclusion:
    'look at its log, and run holdfast node doctor on its machine: its signer key must be an access key of the account, limited ' +
    'to the contract, and the account must have the balance for its calls',
  howToWithdraw: (claim) =>
    claim === 'recovery' ? 'cancel the recovery' : 'cancel the migration (holdfast cancel-migration)',
}

/** The account's live recovery: an expired record concludes nothing any more, so it counts as none. */
function recoveryRequest(view: ContractView, accountId: string): RestoreRequest | undefined {
  if (view.state.kind !== 'Recovery') return undefined
  const { recovering } = view.state.state
  const record = Object.hasOwn(recovering, accountId) ? recovering[accountId] : undefined
  return record !== undefined && record.expires_at > nanoseconds(view.block.timestampMs) ? requestOf(record) : undefined
}

function requestOf({ participant_id, destination_node_info, ...record }: RecoveryRecord): RestoreRequest {
  const { delivered } = record
  return {
    claim: 'recovery',
    tlsPublicKey: destination_node_info.tls_public_key,
    url: destination_node_info.url,
    signerKey: record.signer_account_pk,
    participantId: participant_id,
    requestedAt: record.requested_at,
    delivered: delivered && { keysetDigest: delivered.keyset_digest, atMs: Number(delivered.at / 1_000_000n) },
  }
}

function nanoseconds(ms: number): bigint {
  return BigInt(ms) * 1_000_000n
}
