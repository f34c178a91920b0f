import { PARTICIPANTS_MAX } from '../src/validation/participants.ts'
import { DOMAINS_MAX } from '../src/validation/domains.ts'
import { LEVELS } from '../src/recoverability.ts'
import { PROTOCOLS, PURPOSES, RECEIPT_KINDS } from '../src/types.ts'
import { anyOf, integer, list, map, nullable, object, oneOf, type Schema, text, tuple } from './schema.ts'

const BASE58 = '[1-9A-HJ-NP-Za-km-z]'
const U32_MAX = 2 ** 32 - 1
const THIRTY_DAYS_SECONDS = 30 * 24 * 60 * 60
const COMMITMENTS_MAX = 1024

/** A reference to one of `TYPES`, by its name. */
export function ref(name: string): Schema {
  return { $ref: `#/definitions/${name}` }
}

const CONFIG = {
  key_event_timeout_blocks: integer(1, 1_000_000),
  recovery_timeout_seconds: integer(1, THIRTY_DAYS_SECONDS),
  recovery_cooldown_seconds: integer(0, THIRTY_DAYS_SECONDS),
  authorization_default_seconds: integer(1, THIRTY_DAYS_SECONDS),
}
const NODE_INFO = { url: ref('Url'), tls_public_key: ref('Ed25519Key') }
const DOMAIN = {
  id: ref('U64'),
  protocol: oneOf(...PROTOCOLS),
  reconstruction_threshold: integer(0, U32_MAX),
  purpose: oneOf(...PURPOSES),
}

/**
 * What arguments and answers are made of. Where near/mpc has the type, the fields are near/mpc's. Answers have all their
 * fields; of arguments some may be left out, hence types of their own.
 */
export const TYPES = {
  U64: { type: 'integer', format: 'uint64', minimum: 0 },
  AccountId: { ...text('^[a-z\\d]+(?:[-_.][a-z\\d]+)*$'), minLength: 2, maxLength: 64 },
  Ed25519Key: text(`^ed25519:${BASE58}{32,44}$`, 'near text of a point of prime order'),
  GroupKey: text(`^(ed25519|secp256k1|bls12381g2):${BASE58}+$`, 'near text'),
  Url: text('^[!-~]{1,256}$'),
  Sha256: text('^[0-9a-f]{64}$'),
  Nanoseconds: text('^\\d+$', 'since 1970'),
  NodeInfo: object(NODE_INFO),
  ParticipantInfo: object({ ...NODE_INFO, incarnation: ref('U64') }),
  Participants: object({
    next_id: integer(0, U32_MAX),
    participants: list(tuple(ref('AccountId'), integer(0, U32_MAX), ref('ParticipantInfo'))),
  }),
  Parameters: object({ participants: ref('Participants'), threshold: integer(0, PARTICIPANTS_MAX) }),
  ProposedParameters: object({
    participants: object({
      next_id: integer(0, U32_MAX),
      participants: list(
        tuple(ref('AccountId'), integer(0, U32_MAX), object({ ...NODE_INFO, 'incarnation?': ref('U64') })),
        PARTICIPANTS_MAX,
      ),
    }),
    threshold: integer(0, PARTICIPANTS_MAX),
  }),
  Thresholds: map(integer(0, U32_MAX)),
  Config: object(CONFIG),
  InitConfig: object(Object.fromEntries(Object.entries(CONFIG).map(([name, of]) => [`${name}?`, nullable(of)]))),
  Domain: object(DOMAIN),
  NewDomain: object({ ...DOMAIN, 'curve?': nullable(oneOf('Secp256k1', 'Edwards25519', 'Bls12381')) }),
  Domains: object({ domains: list(ref('Domain')), next_domain_id: ref('U64') }),
  KeyEventId: object({
    epoch_id: ref('U64'),
    domain_id: ref('U64'),
    attempt_id: ref('U64'),
  }),
  Commitments: nullable(list(text('^[0-9a-f]+$'), COMMITMENTS_MAX)),
  PublicKey: anyOf(
    object({ Secp256k1: object({ near_public_key: { type: 'string' } }) }),
    object({
      Ed25519: object({ near_public_key_compressed: { type: 'string' }, 'edwards_point?': list(integer(0, 255)) }),
    }),
    object({ Bls12381: object({ public_key: { type: 'string' } }) }),
  ),
  Keys: list(
    object({
      domain_id: ref('U64'),
      key: ref('PublicKey'),
      attempt: ref('U64'),
      'commitments?': ref('Commitments'),
    }),
    DOMAINS_MAX,
  ),
  Keyset: object({ epoch_id: ref('U64'), domains: ref('Keys') }),
  KeyEvent: object({
    epoch_id: ref('U64'),
    domain: ref('Domain'),
    parameters: ref('Parameters'),
    instance: nullable(
      object({
        attempt_id: ref('U64'),
        started_in: integer(0),
        expires_on: integer(0),
        completed: list(integer(0, U32_MAX)),
        public_key: nullable(ref('PublicKey')),
        commitments: ref('Commitments'),
      }),
    ),
    next_attempt_id: ref('U64'),
  }),
  Proposal: object({
    parameters: ref('Parameters'),
    per_domain_thresholds: ref('Thresholds'),
  }),
  Running: object({
    domains: ref('Domains'),
    keyset: ref('Keyset'),
    parameters: ref('Parameters'),
    parameters_votes: object({ proposal_by_account: map(ref('Proposal')) }),
    add_domains_votes: object({ proposal_by_account: map(list(ref('Domain'))) }),
    previously_cancelled_resharing_epoch_id: nullable(ref('U64')),
    participants_revision: ref('U64'),
  }),
  State: anyOf(
    { type: 'string', enum: ['NotInitialized'] },
    object({ Running: ref('Running') }),
    object({
      Initializing: object({
        domains: ref('Domains'),
        epoch_id: ref('U64'),
        generated_keys: ref('Keys'),
        generating_key: ref('KeyEvent'),
        cancel_votes: list(integer(0, U32_MAX)),
      }),
    }),
    object({
      Resharing: object({
        previous_running_state: ref('Running'),
        reshared_keys: ref('Keys'),
        resharing_key: ref('KeyEvent'),
        cancellation_requests: list(ref('AccountId')),
        per_domain_thresholds: ref('Thresholds'),
      }),
    }),
    object({
      Recovery: object({
        previous_running_state: ref('Running'),
        recovering: map(
          object({
            participant_id: integer(0, U32_MAX),
            destination_node_info: ref('NodeInfo'),
            signer_account_pk: ref('Ed25519Key'),
            requested_at: ref('Nanoseconds'),
            expires_at: ref('Nanoseconds'),
            delivered: nullable(object({ keyset_digest: ref('Sha256'), at: ref('Nanoseconds') })),
          }),
        ),
      }),
    }),
  ),
  BackupService: object({
    public_key: ref('Ed25519Key'),
    'signer_account_pk?': ref('Ed25519Key'),
  }),
  MigratingNode: object({
    signer_account_pk: ref('Ed25519Key'),
    destination_node_info: ref('NodeInfo'),
  }),
  Receipt: object({
    epoch_id: ref('U64'),
    keyset_digest: ref('Sha256'),
    ciphertext_sha256: ref('Sha256'),
    kind: oneOf(...RECEIPT_KINDS),
    at: ref('Nanoseconds'),
  }),
  Count: integer(0),
  Level: oneOf(...LEVELS),
} satisfies Record<string, Schema>
