import { list, map, nullable, object, type Schema, tuple } from './schema.ts'
import { ref } from './types.ts'
import { DOMAINS_MAX } from '../src/validation/domains.ts'
import { AUTHORIZATION_SECONDS } from '../src/config.ts'

/** One exported method. */
export interface Method {
  readonly kind: 'call' | 'view'
  /** `payable`: takes a deposit, 1 yoctoNEAR; `private`: for the contract's own account; `init`: is the first call. */
  readonly modifiers?: readonly ('init' | 'payable' | 'private')[]
  /** In one sentence. */
  readonly doc: string
  /** By name; one that is nullable may be left out. Null if the arguments are no JSON. */
  readonly args: Readonly<Record<string, Schema>> | null
  /** What a view answers; calls answer nothing. */
  readonly result?: Schema
}

const INFO_AND_SIGNER = { participant_info: ref('NodeInfo'), signer_account_pk: nullable(ref('Ed25519Key')) }
const KEY_EVENT = { key_event_id: ref('KeyEventId') }

/** Every exported method, in the order of contract.ts. What each does and refuses: README.md. */
export const METHODS: Readonly<Record<string, Method>> = {
  init: {
    kind: 'call',
    modifiers: ['init', 'private'],
    doc: 'Founds the network: Running, epoch 0, without keys.',
    args: { parameters: ref('ProposedParameters'), init_config: nullable(ref('InitConfig')) },
  },
  vote_add_domains: {
    kind: 'call',
    doc: 'A participant votes for new keys; all alike begin their generation.',
    args: { domains: list(ref('NewDomain'), DOMAINS_MAX) },
  },
  start_keygen_instance: { kind: 'call', doc: 'The leader starts an attempt.', args: KEY_EVENT },
  vote_pk: {
    kind: 'call',
    doc: 'A node votes for the key and the commitments of an attempt.',
    args: { ...KEY_EVENT, public_key: ref('GroupKey'), commitments: ref('Commitments') },
  },
  vote_new_parameters: {
    kind: 'call',
    doc: 'A participant of another epoch votes for it; all alike begin the resharing.',
    args: {
      prospective_epoch_id: ref('U64'),
      proposal: object({
        parameters: ref('ProposedParameters'),
        'per_domain_thresholds?': nullable(ref('Thresholds')),
      }),
    },
  },
  start_reshare_instance: { kind: 'call', doc: 'The leader of the epoch to come starts an attempt.', args: KEY_EVENT },
  vote_reshared: {
    kind: 'call',
    doc: 'A node of the epoch to come votes for the commitments of an attempt.',
    args: { ...KEY_EVENT, commitments: ref('Commitments') },
  },
  vote_cancel_resharing: { kind: 'call', doc: 'A participant votes to give the resharing up.', args: {} },
  vote_abort_key_event_instance: { kind: 'call', doc: 'A node ends the attempt under way.', args: KEY_EVENT },
  vote_cancel_keygen: {
    kind: 'call',
    doc: 'A participant votes to give the key generation up.',
    args: { next_domain_id: ref('U64') },
  },
  submit_participant_info: {
    kind: 'call',
    doc: 'A node says where it is and what its keys are.',
    args: INFO_AND_SIGNER,
  },
  register_backup_service: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'The operator names his backup service.',
    args: {
      backup_service_info: object({
        public_key: ref('Ed25519Key'),
        'signer_account_pk?': nullable(ref('Ed25519Key')),
      }),
    },
  },
  authorize_node: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'The operator says which node may take the place of his.',
    args: {
      tls_public_key: ref('Ed25519Key'),
      signer_account_pk: ref('Ed25519Key'),
      expires_in_seconds: nullable({
        type: 'integer',
        minimum: AUTHORIZATION_SECONDS.least,
        maximum: AUTHORIZATION_SECONDS.most,
      }),
    },
  },
  revoke_node_authorization: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'The operator withdraws the authorisation.',
    args: {},
  },
  submit_participant_recovery_info: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'A new node, or its operator, asks for the place of a lost one.',
    args: INFO_AND_SIGNER,
  },
  confirm_share_delivery: {
    kind: 'call',
    doc: 'The backup service says that the new node has the shares.',
    args: { tls_public_key: ref('Ed25519Key'), keyset_digest: ref('Sha256') },
  },
  report_backup: {
    kind: 'call',
    doc: 'The backup service says what it has stored or drilled.',
    args: {
      receipt: object({
        epoch_id: ref('U64'),
        keyset_digest: ref('Sha256'),
        ciphertext_sha256: ref('Sha256'),
        kind: { type: 'string', enum: ['stored', 'drilled'] },
      }),
    },
  },
  conclude_recovery: {
    kind: 'call',
    doc: 'The new node has the live keyset and takes the place.',
    args: { keyset: ref('Keyset') },
  },
  cancel_recovery: { kind: 'call', modifiers: ['payable'], doc: 'The operator gives the recovery up.', args: {} },
  expire_recoveries: { kind: 'call', doc: 'Ends the recoveries whose time is over.', args: {} },
  start_node_migration: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'The operator says which node his is to move to.',
    args: { destination_node_info: ref('MigratingNode') },
  },
  cancel_node_migration: { kind: 'call', modifiers: ['payable'], doc: 'The operator gives the move up.', args: {} },
  conclude_node_migration: {
    kind: 'call',
    doc: 'The new node has the live keyset and takes the place.',
    args: { keyset: ref('Keyset') },
  },
  update_participant_url: {
    kind: 'call',
    modifiers: ['payable'],
    doc: 'The node is the same, at another address.',
    args: { url: ref('Url') },
  },
  propose_update: {
    kind: 'call',
    doc: 'A participant names new code by its SHA-256 and votes for it.',
    args: { code_hash: ref('Sha256') },
  },
  vote_update: {
    kind: 'call',
    doc: 'A participant votes for code that has been named.',
    args: { code_hash: ref('Sha256') },
  },
  deploy_update: {
    kind: 'call',
    doc: 'Puts voted code in place and migrates the state; the input is not JSON but the wasm itself.',
    args: null,
  },
  migrate: {
    kind: 'call',
    modifiers: ['private'],
    doc: 'What new code does first.',
    args: { code_hash: nullable(ref('Sha256')) },
  },
  state: { kind: 'view', doc: 'The protocol state.', args: {}, result: ref('State') },
  node_authorization: {
    kind: 'view',
    doc: 'What an operator last authorised, expired or not.',
    args: { account_id: ref('AccountId') },
    result: nullable(
      object({
        tls_public_key: ref('Ed25519Key'),
        signer_account_pk: ref('Ed25519Key'),
        expires_at: ref('Nanoseconds'),
      }),
    ),
  },
  participant_candidates: {
    kind: 'view',
    doc: 'Nodes that want to take part, by account.',
    args: {},
    result: map(object({ url: ref('Url'), tls_public_key: ref('Ed25519Key'), signer_account_pk: ref('Ed25519Key') })),
  },
  config: { kind: 'view', doc: 'What init was told.', args: {}, result: ref('Config') },
  migration_info: {
    kind: 'view',
    doc: 'Backup service and pending migration, by account.',
    args: {},
    result: map(tuple(nullable(ref('BackupService')), nullable(ref('MigratingNode')))),
  },
  backup_receipts: {
    kind: 'view',
    doc: 'The last receipts of each participant.',
    args: {},
    result: map(object({ stored: nullable(ref('Receipt')), drilled: nullable(ref('Receipt')) })),
  },
  recoverability: {
    kind: 'view',
    doc: 'Would the keys survive the loss of machines?',
    args: {},
    result: object({
      level: ref('Level'),
      epoch_id: ref('U64'),
      domains: list(
        object({
          domain_id: ref('U64'),
          reconstruction_threshold: ref('Count'),
          participants: ref('Count'),
          live: ref('Count'),
          stored: ref('Count'),
          drilled: ref('Count'),
          level: ref('Level'),
        }),
      ),
      operators: map(
        object({
          live: { type: 'boolean' },
          stored_at: nullable(ref('Nanoseconds')),
          drilled_at: nullable(ref('Nanoseconds')),
        }),
      ),
    }),
  },
  update_votes: { kind: 'view', doc: 'The code each votes for.', args: {}, result: map(ref('Sha256')) },
  contract_source_metadata: {
    kind: 'view',
    doc: 'NEP-330: from which source and how this code was built.',
    args: {},
    result: object({
      version: { type: 'string' },
      link: nullable({ type: 'string' }),
      standards: list(object({ standard: { type: 'string' }, version: { type: 'string' } })),
      build_info: object({
        build_environment: { type: 'string' },
        source_code_snapshot: nullable({ type: 'string' }),
        build_command: list({ type: 'string' }),
        contract_path: { type: 'string' },
        output_wasm_path: { type: 'string' },
      }),
    }),
  },
}

/** The arguments as one object. */
export function argumentsSchema(args: Readonly<Record<string, Schema>>): Schema {
  return object(
    Object.fromEntries(Object.entries(args).map(([name, schema]) => [isNullable(schema) ? `${name}?` : name, schema])),
  )
}

function isNullable(schema: Schema): boolean {
  return schema.anyOf?.some(({ type }) => type === 'null') === true || schema.$ref === '#/definitions/Commitments'
}
