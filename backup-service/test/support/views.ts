import { parseMigrationInfo, parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { formatEd25519Key, type Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

export const ALICE = 'alice.near'
export const CONTRACT = 'mpc.near'
export const NOW_MS = 1_763_700_000_000

/** A key that is told apart by one number. */
export function key(n: number): Ed25519KeyText {
  return formatEd25519Key(new Uint8Array(32).fill(n))
}

export const OWN_KEY = key(9)
export const NODE_KEY = key(1)
export const NEW_NODE_KEY = key(2)

export type Party = { accountId: string; participantId: number; url?: string; tlsKey?: Ed25519KeyText }

/** The Running state's JSON with this keyset and these participants. */
export function runningJson(keyset: Json, parties: readonly Party[] = [{ accountId: ALICE, participantId: 0 }]): Json {
  return {
    domains: { domains: [], next_domain_id: 2 },
    keyset,
    parameters: {
      participants: {
        next_id: 10,
        participants: parties.map(({ accountId, participantId, url = 'http://127.0.0.1:3000', tlsKey = NODE_KEY }) => [
          accountId,
          participantId,
          { url, tls_public_key: tlsKey, incarnation: 0 },
        ]),
      },
      threshold: 3,
    },
    participants_revision: 0,
  }
}

export type RecordOptions = {
  participantId?: number
  url?: string
  tlsKey?: Ed25519KeyText
  expiresInMs?: number
  delivered?: { digest: string; agoMs: number } | null
}

/** One account's entry in `recovering`. */
export function recordJson(options: RecordOptions = {}): Json {
  const { participantId = 0, url = 'http://127.0.0.1:3000', tlsKey = NEW_NODE_KEY, expiresInMs = 60_000 } = options
  const { delivered = null } = options
  return {
    participant_id: participantId,
    destination_node_info: { url, tls_public_key: tlsKey },
    signer_account_pk: key(7),
    requested_at: `${NOW_MS - 1_000}000000`,
    expires_at: `${NOW_MS + expiresInMs}000000`,
    delivered: delivered && { keyset_digest: delivered.digest, at: `${NOW_MS - delivered.agoMs}000000` },
  }
}

/** One account's pending migration in `migration_info`. */
export function migrationJson({ url = 'http://127.0.0.1:3000', tlsKey = NEW_NODE_KEY } = {}): Json {
  return { signer_account_pk: key(7), destination_node_info: { url, tls_public_key: tlsKey } }
}

/** A view of this state at a block; registered says which key the contract has for alice's backup service. */
export function viewOf(
  stateJson: Json,
  options: { registered?: Ed25519KeyText | null; atMs?: number; migration?: Json } = {},
): ContractView {
  const { registered = OWN_KEY, atMs = NOW_MS, migration = null } = options
  return {
    block: { height: BigInt(atMs), hash: `block-${atMs}`, timestampMs: atMs },
    state: parseProtocolState(stateJson),
    migrationInfo: parseMigrationInfo({ [ALICE]: [registered && { public_key: registered }, migration] }),
    stateJson,
  }
}

/** The state `Resharing` from this keyset to the next epoch, no attempt under way. */
export function resharingJson(keyset: Json): Json {
  return {
    Resharing: {
      previous_running_state: runningJson(keyset),
      reshared_keys: [],
      resharing_key: {
        epoch_id: 6,
        domain: { id: 0, protocol: 'Frost', reconstruction_threshold: 3, purpose: 'Sign' },
        parameters: { participants: { next_id: 0, participants: [] }, threshold: 3 },
        instance: null,
        next_attempt_id: 0,
      },
    },
  }
}
