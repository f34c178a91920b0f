import * as v from 'valibot'
import { nanoseconds, parseWith, u64 } from './contract-values.ts'
import { HoldfastError } from './errors.ts'
import { isEd25519Key, type Ed25519KeyText } from './near-key.ts'
import type { Json } from './json.ts'

/**
 * What the contract's views say (protocol.md 2.1 and 2.7; near/mpc's JSON field for field, with Holdfast's additions).
 * Field names are the JSON's own; every u64 is a bigint. Unknown fields are dropped, because near/mpc adds some between
 * versions; an unknown protocol state is an error, because nothing may be concluded from it.
 */
const participantId = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 32 - 1))
const ed25519Key = v.custom<Ed25519KeyText>((x) => typeof x === 'string' && isEd25519Key(x), 'expected an ed25519 key')
const publicKeyExtended = v.union([
  v.object({ Ed25519: v.object({ near_public_key_compressed: v.string() }) }),
  v.object({ Secp256k1: v.object({ near_public_key: v.string() }) }),
  v.object({ Bls12381: v.object({ public_key: v.string() }) }),
])

const threshold = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

const domainConfig = v.object({
  id: u64,
  protocol: v.picklist(['CaitSith', 'Frost', 'ConfidentialKeyDerivation', 'DamgardEtAl']),
  reconstruction_threshold: threshold,
  purpose: v.picklist(['Sign', 'ForeignTx', 'CKD']),
})
const domainRegistry = v.object({ domains: v.array(domainConfig), next_domain_id: u64 })

/** The sharing polynomial's public points, hex, lowest degree first; null for BLS and on near/mpc's contract. */
const commitments = v.optional(v.nullable(v.array(v.pipe(v.string(), v.regex(/^([0-9a-f]{2})+$/)))), null)

const keyForDomain = v.object({
  domain_id: u64,
  key: publicKeyExtended,
  attempt: u64,
  commitments,
})
const keyset = v.object({ epoch_id: u64, domains: v.array(keyForDomain) })

const participantInfo = v.object({ url: v.string(), tls_public_key: ed25519Key, incarnation: v.optional(u64, 0) })
const participants = v.object({
  next_id: participantId,
  participants: v.array(v.tuple([v.string(), participantId, participantInfo])),
})
const parameters = v.object({ participants, threshold })

const keyEvent = v.object({
  epoch_id: u64,
  domain: domainConfig,
  parameters,
  instance: v.nullable(
    v.object({
      attempt_id: u64,
      started_in: u64,
      expires_on: u64,
      completed: v.array(participantId),
      /** What those who have voted say it came to; null before the first vote. */
      public_key: v.optional(v.nullable(publicKeyExtended), null),
      commitments,
    }),
  ),
  next_attempt_id: u64,
})

const running = v.object({
  domains: domainRegistry,
  keyset,
  parameters,
  /** The epoch id of a resharing that was cancelled: the next one takes a higher one. */
  previously_cancelled_resharing_epoch_id: v.optional(v.nullable(u64), null),
  participants_revision: v.optional(u64, 0),
})
const initializing = v.object({
  domains: domainRegistry,
  epoch_id: u64,
  generated_keys: v.array(keyForDomain),
  generating_key: keyEvent,
})
const resharing = v.object({
  previous_running_state: running,
  reshared_keys: v.array(keyForDomain),
  resharing_key: keyEvent,
  /** The reconstruction thresholds that the resharing changes, by domain id. */
  per_domain_thresholds: v.optional(v.record(v.string(), v.number()), {}),
})
const nodeInfo = v.object({ url: v.string(), tls_public_key: ed25519Key })
const recoveryRecord = v.object({
  participant_id: participantId,
  destination_node_info: nodeInfo,
  signer_account_pk: ed25519Key,
  requested_at: nanoseconds,
  expires_at: nanoseconds,
  delivered: v.nullable(v.object({ keyset_digest: v.string(), at: nanoseconds })),
})
const recovery = v.object({
  previous_running_state: running,
  recovering: v.record(v.string(), recoveryRecord),
})

export type PublicKeyExtended = v.InferOutput<typeof publicKeyExtended>
export type DomainConfig = v.InferOutput<typeof domainConfig>
export type KeyForDomain = v.InferOutput<typeof keyForDomain>
export type Keyset = v.InferOutput<typeof keyset>
export type ParticipantInfo = v.InferOutput<typeof participantInfo>
export type Parameters = v.InferOutput<typeof parameters>
export type KeyEvent = v.InferOutput<typeof keyEvent>
export type Running = v.InferOutput<typeof running>
export type Initializing = v.InferOutput<typeof initializing>
export type Resharing = v.InferOutput<typeof resharing>
export type Recovery = v.InferOutput<typeof recovery>
export type RecoveryRecord = v.InferOutput<typeof recoveryRecord>

/** The protocol state, told apart by `kind`. */
export type ProtocolState =
  | { kind: 'NotInitialized' }
  | { kind: 'Initializing'; state: Initializing }
  | { kind: 'Running'; state: Running }
  | { kind: 'Resharing'; state: Resharing }
  | { kind: 'Recovery'; state: Recovery }

/**
 * Reads the answer of the view `state`.
 * @throws HoldfastError `UNKNOWN_STATE` for a state this version does not know, `INVALID_STATE` naming the bad field.
 */
export function parseProtocolState(json: Json): ProtocolState {
  if (json === 'NotInitialized') return { kind: 'NotInitialized' }
  const [kind, ...rest] = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.keys(json) : []
  const body = kind === undefined ? null : (json as Record<string, Json>)[kind]
  if (rest.length === 0) {
    switch (kind) {
      case 'Initializing':
        return { kind, state: parseWith(initializing, body, `the contract's ${kind} state`) }
      case 'Running':
        return { kind, state: parseWith(running, body, `the contract's ${kind} state`) }
      case 'Resharing':
        return { kind, state: parseWith(resharing, body, `the contract's ${kind} state`) }
      case 'Recovery':
        return { kind, state: parseWith(recovery, body, `the contract's ${kind} state`) }
    }
  }
  throw new HoldfastError(
    'UNKNOWN_STATE',
    `cannot act on the contract's state: found ${JSON.stringify(kind ?? json)?.slice(0, 60)}, expected NotInitialized, ` +
      'Initializing, Running, Resharing or Recovery; check the contract account, or update Holdfast',
  )
}

const migrationInfo = v.record(
  v.string(),
  v.tuple([
    v.nullable(v.object({ public_key: ed25519Key, signer_account_pk: v.optional(v.nullable(ed25519Key), null) })),
    v.nullable(v.object({ signer_account_pk: ed25519Key, destination_node_info: nodeInfo })),
  ]),
)
/** Per account: its registered backup service and its pending migration, each or null. */
export type MigrationInfo = v.InferOutput<typeof migrationInfo>
/** The node that an account's present one is to be replaced by, in a planned move. */
export type PendingMigration = NonNullable<MigrationInfo[string][1]>

/** Reads the answer of the view `migration_info`. @throws HoldfastError `INVALID_STATE` */
export function parseMigrationInfo(json: Json): MigrationInfo {
  return parseWith(migrationInfo, json, "the contract's migration_info")
}

const nodeAuthorization = v.nullable(
  v.object({ tls_public_key: ed25519Key, signer_account_pk: ed25519Key, expires_at: nanoseconds }),
)
export type NodeAuthorization = v.InferOutput<typeof nodeAuthorization>

/** Reads the answer of the view `node_authorization`. @throws HoldfastError `INVALID_STATE` */
export function parseNodeAuthorization(json: Json): NodeAuthorization {
  return parseWith(nodeAuthorization, json, "the contract's node_authorization")
}

const candidates = v.record(
  v.string(),
  v.object({ url: v.string(), tls_public_key: ed25519Key, signer_account_pk: ed25519Key }),
)
/** Per account that wants to take part: what its node says of itself. */
export type Candidates = v.InferOutput<typeof candidates>

/** Reads the answer of the view `participant_candidates`. @throws HoldfastError `INVALID_STATE` */
export function parseCandidates(json: Json): Candidates {
  return parseWith(candidates, json, "the contract's participant_candidates")
}

/** Reads a keyset, as a backup client sends it in the body of `GET /get_keyshares`. @throws HoldfastError `INVALID_STATE` */
export function parseKeyset(json: Json, what: string): Keyset {
  return parseWith(keyset, json, what)
}
