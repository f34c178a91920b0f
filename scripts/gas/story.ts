import { createHash } from 'node:crypto'
import { liveKeyset, liveRunningState } from '../../protocol/src/live-state.ts'
import { type Keyset, parseProtocolState } from '../../protocol/src/contract-state.ts'
import { keysetDigest } from '../../protocol/src/keyset-digest.ts'
import { backupReport } from '../../protocol/src/recoverability.ts'
import { CONTRACT, type MeasuredContract } from './chain.ts'
import { groupKey, operator, type Operator } from './people.ts'

/** How large the network is. */
export interface Size {
  readonly participants: number
  readonly domains: number
}

const OWNER = { account: CONTRACT, key: operator(0).owner.key }
/** Those that take no arguments. */
const PLAIN_VIEWS = [
  'state',
  'migration_info',
  'participant_candidates',
  'config',
  'backup_receipts',
  'recoverability',
  'update_votes',
  'contract_source_metadata',
]
const WASM_MAX_BYTES = 600_000
const DAY_SECONDS = 24 * 60 * 60

/**
 * One network's life, with every participant in it and as much of everything as the contract takes, so that each method is
 * called at its dearest: the last vote, the largest record, everybody recovering at once.
 * @throws Error if a call fails
 */
export function liveThrough(contract: MeasuredContract, size: Size): void {
  const members = Array.from({ length: size.participants }, (_, number) => operator(number))
  found(contract, members)
  generateKeys(contract, members, size.domains)
  prepareForTheWorst(contract, members)
  readEverything(contract, members)
  update(contract, members)
  contract.detour(() => migrateEverybody(contract, members))
  recoverEverybody(contract, members)
  readEverything(contract, members)
}

/** The governance threshold, and every domain's: the least that 60 % allows. */
function threshold(members: readonly Operator[]): number {
  return Math.max(2, Math.ceil(members.length * 0.6))
}

function found(contract: MeasuredContract, members: readonly Operator[]): void {
  const participants = members.map(({ account, url, tls }, id) => [account, id, { url, tls_public_key: tls }])
  const parameters = {
    participants: { next_id: members.length, participants },
    threshold: threshold(members),
  }
  // A key event lasts 30 blocks unless told otherwise; here every vote takes a block.
  contract.call('init', { parameters, init_config: { key_event_timeout_blocks: 1000 } }, OWNER)
}

function generateKeys(contract: MeasuredContract, members: readonly Operator[], domains: number): void {
  const leader = members[0] as Operator
  const t = threshold(members)
  const wanted = Array.from({ length: domains }, (_, id) => ({
    id,
    protocol: id % 2 === 0 ? 'Frost' : 'CaitSith',
    reconstruction_threshold: t,
    purpose: 'Sign',
  }))
  for (const { owner } of members) contract.call('vote_add_domains', { domains: wanted }, owner)
  contract.detour(() => {
    for (const { owner } of members.slice(0, t)) {
      contract.call('vote_cancel_keygen', { next_domain_id: domains }, owner)
    }
  })
  for (const { id, protocol } of wanted) {
    const key_event_id = { epoch_id: 0, domain_id: id, attempt_id: 0 }
    const outcome = groupKey(protocol === 'Frost' ? 'Edwards25519' : 'Secp256k1', id, t)
    contract.call('start_keygen_instance', { key_event_id }, leader.node)
    for (const [index, { node }] of members.entries()) {
      if (index === members.length - 1) {
        contract.detour(() => contract.call('vote_abort_key_event_instance', { key_event_id }, node))
        readEverything(contract, members)
      }
      contract.call('vote_pk', { key_event_id, ...outcome }, node)
    }
  }
}

/**
 * What makes the state large: a candidate for each participant, each with a backup service and a machine that is authorised
 * and is also to take over in a planned move.
 */
function prepareForTheWorst(contract: MeasuredContract, members: readonly Operator[]): void {
  for (const [number] of members.entries()) {
    const { node, url, tls } = operator(number, 'candidate')
    const participant_info = { url, tls_public_key: tls }
    contract.call('submit_participant_info', { participant_info, signer_account_pk: node.key }, node)
  }
  for (const { owner, backup, backupTls } of members) {
    const backup_service_info = { public_key: backupTls, signer_account_pk: backup.key }
    contract.call('register_backup_service', { backup_service_info }, owner, 1n)
  }
  for (const { owner, spare, spareTls } of members) {
    const args = { tls_public_key: spareTls, signer_account_pk: spare.key, expires_in_seconds: 30 * DAY_SECONDS }
    contract.call('authorize_node', args, owner, 1n)
  }
  reportBackups(contract, members)
  const [first] = members as [Operator]
  contract.detour(() => contract.call('revoke_node_authorization', {}, first.owner, 1n))
  for (const { owner, spare, spareTls, spareUrl } of members) {
    const destination_node_info = {
      signer_account_pk: spare.key,
      destination_node_info: { url: spareUrl, tls_public_key: spareTls },
    }
    contract.call('start_node_migration', { destination_node_info }, owner, 1n)
  }
  contract.detour(() => contract.call('cancel_node_migration', {}, first.owner, 1n))
}

/** Both kinds of receipts, of every backup service. */
function reportBackups(contract: MeasuredContract, members: readonly Operator[]): void {
  const keyset = keysetOf(contract)
  for (const kind of ['stored', 'drilled'] as const) {
    for (const { backup } of members) {
      contract.call('report_backup', backupReport(keyset, kind, 'ab'.repeat(32)), backup)
    }
  }
}

/** Everybody votes for one code, so that all votes are read; the code has the size that the contract's may have. */
function update(contract: MeasuredContract, members: readonly Operator[]): void {
  const wasm = new Uint8Array(WASM_MAX_BYTES)
  const code_hash = createHash('sha256').update(wasm).digest('hex')
  const [first, ...others] = members as [Operator, ...Operator[]]
  contract.call('propose_update', { code_hash }, first.owner)
  for (const { owner } of others) contract.call('vote_update', { code_hash }, owner)
  contract.detour(() => contract.call('deploy_update', wasm, { account: 'anyone.near', key: first.owner.key }))
  contract.view('update_votes')
  contract.call('migrate', { code_hash }, OWNER)
}

function migrateEverybody(contract: MeasuredContract, members: readonly Operator[]): void {
  const keyset = keysetOf(contract)
  const last = members[members.length - 1] as Operator
  contract.call('update_participant_url', { url: last.spareUrl }, last.owner, 1n)
  for (const { spare } of members) contract.call('conclude_node_migration', { keyset }, spare)
}

function recoverEverybody(contract: MeasuredContract, members: readonly Operator[]): void {
  const keyset = keysetOf(contract)
  for (const { spare, spareTls, spareUrl } of members) {
    const participant_info = { url: spareUrl, tls_public_key: spareTls }
    contract.call('submit_participant_recovery_info', { participant_info, signer_account_pk: spare.key }, spare)
  }
  const last = members[members.length - 1] as Operator
  contract.detour(() => contract.call('cancel_recovery', {}, last.owner, 1n))
  for (const end of ['cancelled', 'concluded'] as const) contract.detour(() => reshare(contract, members, end))
  contract.detour(() => {
    contract.pass(DAY_SECONDS)
    contract.call('expire_recoveries', {}, { account: 'stranger.near', key: last.spare.key })
  })
  for (const { backup, spareTls } of members) {
    const args = { tls_public_key: spareTls, keyset_digest: keysetDigest(keyset) }
    contract.call('confirm_share_delivery', args, backup)
  }
  readEverything(contract, members)
  for (const { spare } of members) contract.call('conclude_recovery', { keyset }, spare)
}

/** As many as may leave do, and candidates take their places, while everybody recovers. */
function reshare(contract: MeasuredContract, members: readonly Operator[], end: 'cancelled' | 'concluded'): void {
  const state = parseProtocolState(contract.view('state'))
  const running = liveRunningState(state)
  if (running === undefined) throw new Error(`there is nothing to reshare; the network is ${state.kind}`)
  const { participants } = running.parameters
  const t = threshold(members)
  const stayers = members.slice(0, t)
  // the contract keeps the candidates that came last
  const newcomers = members.slice(t).map((_, index) => operator(t + index, 'candidate'))
  const parameters = {
    participants: {
      next_id: participants.next_id + newcomers.length,
      participants: [
        ...participants.participants.slice(0, t),
        ...newcomers.map(({ account, url, tls }, index) => [
          account,
          participants.next_id + index,
          { url, tls_public_key: tls },
        ]),
      ],
    },
    threshold: t,
  }
  const per_domain_thresholds = Object.fromEntries(running.domains.domains.map(({ id }) => [String(id), t]))
  const vote = {
    prospective_epoch_id: running.keyset.epoch_id + 1n,
    proposal: { parameters, per_domain_thresholds },
  }
  const [leader] = stayers as [Operator]
  const everybody = [...stayers, ...newcomers]
  for (const { owner } of everybody.slice(0, -1)) contract.call('vote_new_parameters', vote, owner)
  contract.view('state')
  contract.call('vote_new_parameters', vote, (everybody[everybody.length - 1] as Operator).owner)
  if (end === 'cancelled') {
    for (const { owner } of stayers) contract.call('vote_cancel_resharing', {}, owner)
    return
  }
  for (const { id, protocol } of running.domains.domains) {
    const key_event_id = { epoch_id: vote.prospective_epoch_id, domain_id: id, attempt_id: 0 }
    const { commitments } = groupKey(protocol === 'Frost' ? 'Edwards25519' : 'Secp256k1', Number(id), t)
    contract.call('start_reshare_instance', { key_event_id }, leader.node)
    for (const { node } of everybody) contract.call('vote_reshared', { key_event_id, commitments }, node)
    contract.view('state')
  }
}

/** The keyset that is live. @throws Error if there is none */
function keysetOf(contract: MeasuredContract): Keyset {
  const state = parseProtocolState(contract.view('state'))
  const keyset = liveKeyset(state)
  if (keyset === undefined) throw new Error(`the network has no keys; it is ${state.kind}`)
  return keyset
}

/** Every view. */
function readEverything(contract: MeasuredContract, members: readonly Operator[]): void {
  const { account } = members[members.length - 1] as Operator
  contract.view('node_authorization', { account_id: account })
  for (const view of PLAIN_VIEWS) contract.view(view)
  contract.viewBytes('__contract_abi')
}
