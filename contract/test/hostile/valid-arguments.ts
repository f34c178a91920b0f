import { parseKeyset } from '../../../protocol/src/contract-state.ts'
import { keysetDigest } from '../../../protocol/src/keyset-digest.ts'
import { type GroupKey, groupKey } from '../support/keys.ts'
import { domain } from '../support/world.ts'
import { ALICE, DAVE, keyOf, nodeInfo } from './cast.ts'
import type { Moment } from './chain.ts'
import { admission, bodyOf, initArguments, type Json, keyEventOf, MEMBERS } from './reading.ts'
import { contractCode, PROPOSED_CODE } from './states.ts'

/** Who calls, and when. */
export interface Occasion {
  readonly account: string
  /** With 1 yoctoNEAR attached. */
  readonly paying: boolean
  readonly moment: Moment
}

const WASM = await contractCode()

/**
 * For every exported method, arguments against which nothing can be said: those that a client of this account would send at
 * this moment, as JSON or, where the method takes no JSON, as bytes. A new method needs a line here.
 */
export const VALID_ARGUMENTS: Record<string, (occasion: Occasion) => Json> = {
  init: initArguments,
  vote_add_domains: ({ moment }) => {
    const next = bodyOf(moment).domains?.next_domain_id ?? 2
    return { domains: [domain(next, 'Frost'), domain(next + 1, 'ConfidentialKeyDerivation')] }
  },
  start_keygen_instance: ({ moment }) => ({ key_event_id: currentKeyEvent(moment) }),
  vote_pk: ({ moment }) => {
    const key_event_id = currentKeyEvent(moment)
    return { key_event_id, ...keyOfDomain(key_event_id.domain_id) }
  },
  vote_abort_key_event_instance: ({ moment }) => ({ key_event_id: currentKeyEvent(moment) }),
  vote_cancel_keygen: ({ moment }) => ({ next_domain_id: bodyOf(moment).domains?.next_domain_id ?? 4 }),
  vote_new_parameters: ({ moment }) => admission(moment),
  start_reshare_instance: ({ moment }) => ({ key_event_id: currentKeyEvent(moment) }),
  vote_reshared: ({ moment }) => {
    const key_event_id = currentKeyEvent(moment)
    return { key_event_id, commitments: keyOfDomain(key_event_id.domain_id).commitments }
  },
  vote_cancel_resharing: () => ({}),
  submit_participant_info: ({ account, moment }) => ({
    participant_info: isKnown(account, moment) ? nodeInfo(account, 'tls') : nodeInfo(account, 'next tls'),
  }),
  register_backup_service: ({ account }) => ({
    backup_service_info: { public_key: keyOf(account, 'backup tls'), signer_account_pk: keyOf(account, 'app') },
  }),
  authorize_node: ({ account }) => ({
    tls_public_key: keyOf(account, 'next tls'),
    signer_account_pk: keyOf(account, 'next'),
    expires_in_seconds: 3600,
  }),
  revoke_node_authorization: () => ({}),
  submit_participant_recovery_info: ({ account, paying }) => ({
    participant_info: nodeInfo(account, 'next tls'),
    ...(paying ? { signer_account_pk: keyOf(account, 'next') } : {}),
  }),
  confirm_share_delivery: ({ account, moment }) => ({
    tls_public_key: keyOf(account, 'next tls'),
    keyset_digest: liveDigest(moment),
  }),
  report_backup: ({ moment }) => ({
    receipt: {
      epoch_id: liveKeyset(moment).epoch_id,
      keyset_digest: liveDigest(moment),
      ciphertext_sha256: '0123456789abcdef'.repeat(4),
      kind: 'stored',
    },
  }),
  conclude_recovery: ({ moment }) => ({ keyset: liveKeyset(moment) }),
  cancel_recovery: () => ({}),
  expire_recoveries: () => ({}),
  start_node_migration: ({ account }) => ({
    destination_node_info: {
      signer_account_pk: keyOf(account, 'next'),
      destination_node_info: { ...nodeInfo(account, 'next tls'), url: 'http://elsewhere.example:80' },
    },
  }),
  cancel_node_migration: () => ({}),
  conclude_node_migration: ({ moment }) => ({ keyset: liveKeyset(moment) }),
  update_participant_url: () => ({ url: 'http://elsewhere.example:80' }),
  propose_update: () => ({ code_hash: 'fedcba9876543210'.repeat(4) }),
  vote_update: () => ({ code_hash: PROPOSED_CODE }),
  deploy_update: () => WASM,
  migrate: () => ({}),
  state: () => ({}),
  node_authorization: () => ({ account_id: ALICE }),
  participant_candidates: () => ({}),
  config: () => ({}),
  migration_info: () => ({}),
  update_votes: () => ({}),
  backup_receipts: () => ({}),
  recoverability: () => ({}),
  contract_source_metadata: () => ({}),
  __contract_abi: () => ({}),
}

/** Takes part, or is about to. */
function isKnown(account: string, moment: Moment): boolean {
  return MEMBERS.includes(account) || (account === DAVE && bodyOf(moment).resharing_key !== undefined)
}

function currentKeyEvent(moment: Moment): Json {
  const { generating_key, resharing_key } = bodyOf(moment)
  return generating_key === undefined && resharing_key === undefined
    ? { epoch_id: 0, domain_id: 2, attempt_id: 0 }
    : keyEventOf(moment)
}

const keys = new Map<number, GroupKey>()

/** What the nodes have agreed on for a domain of Ed25519. */
function keyOfDomain(id: number): GroupKey {
  const known = keys.get(id) ?? groupKey('Frost', 2, id + 1)
  keys.set(id, known)
  return known
}

/** In near/mpc's JSON. */
function liveKeyset(moment: Moment): Json {
  const body = bodyOf(moment)
  if (body.generated_keys !== undefined) return { epoch_id: body.epoch_id, domains: body.generated_keys }
  return (body.previous_running_state ?? body).keyset ?? { epoch_id: 0, domains: [] }
}

function liveDigest(moment: Moment): string {
  return keysetDigest(parseKeyset(liveKeyset(moment), 'the live keyset'))
}

/** What older clients do not know of a keyset. */
const KEYSET_EXTRAS = [
  'keyset.domains[0].key.Ed25519.edwards_point',
  'keyset.domains[0].commitments',
  'keyset.domains[1].commitments',
]

/** Which of them may be left out. */
export const OPTIONAL_ARGUMENTS: Record<string, readonly string[]> = {
  register_backup_service: ['backup_service_info.signer_account_pk'],
  authorize_node: ['expires_in_seconds'],
  vote_new_parameters: [
    'proposal.per_domain_thresholds',
    'proposal.parameters.participants.participants[0][2].incarnation',
    'proposal.parameters.participants.participants[1][2].incarnation',
  ],
  conclude_recovery: KEYSET_EXTRAS,
  conclude_node_migration: KEYSET_EXTRAS,
}

/** The valid arguments as they are sent. */
export function validInput(method: string, occasion: Occasion): Uint8Array {
  const valid = VALID_ARGUMENTS[method]?.(occasion)
  return valid instanceof Uint8Array ? valid : new TextEncoder().encode(JSON.stringify(valid))
}
