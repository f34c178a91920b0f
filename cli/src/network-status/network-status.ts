import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { liveRunningState, participantsOf } from '@holdfast/protocol/live-state.ts'
import type { Level, Recoverability, UpdateVotes } from '@holdfast/protocol/recoverability.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

/** What is read for the status. `recoverability` is null where the contract has no such view. */
export type NetworkFacts = {
  view: ContractView
  recoverability: Recoverability | null
  updateVotes: UpdateVotes
  /** Those of the contract's account, or why they are not known. */
  fullAccessKeys: string[] | { unknown: string }
}

/** One distributed key: who can sign with it now, and could it be restored after the loss of every machine? */
export type KeyStatus = {
  domain_id: bigint
  public_key: string
  attempt: bigint
  reconstruction_threshold: number
  /** Operators that hold a live share and are not recovering. */
  live: number
  can_sign: boolean
  /** Operators whose backup service reported that it holds the share; null if the contract does not count this key (yet). */
  stored: number | null
  /** Of these, how many have rehearsed a restore. */
  drilled: number | null
  level: Level | null
  /** Operators whose backup service is registered: the most shares that could come back after a total loss. */
  with_backup_service: number
  enough_backup_services: boolean
}

export type OperatorStatus = {
  account_id: string
  participant_id: number
  url: string
  tls_public_key: string
  incarnation: bigint
  condition: 'taking part' | 'recovering'
  /** Only while recovering. */
  recovery: { destination_url: string; destination_tls_key: string; expires_at: string; delivered: boolean } | null
  /** The node that is to take the present one's place, which goes on until then. */
  planned_move: { destination_url: string; destination_tls_key: string; destination_signer_key: string } | null
  backup_service: string | null
  /** When the backup service last reported the live keyset stored, and a restore rehearsed. */
  stored_at: string | null
  drilled_at: string | null
}

/** Code that participants vote for. */
export type UpdateStatus = { code_hash: string; voters: string[]; votes_needed: number }

/** The network as one final view shows it. */
export type NetworkStatus = {
  state: ContractView['state']['kind']
  block_height: bigint
  block_time: string
  epoch_id: bigint | null
  /** The worst key's; null if the contract does not say. */
  level: Level | null
  governance_threshold: number | null
  participants_revision: bigint | null
  next_domain_id: bigint | null
  /** The key that is being generated or reshared, if any. */
  key_event: { domain_id: bigint; attempt_id: bigint | null; completed: number; participants: number } | null
  keys: KeyStatus[]
  operators: OperatorStatus[]
  updates: UpdateStatus[]
  /** Keys that can replace the contract's code without a vote; null if they could not be read, and why. */
  contract_full_access_keys: string[] | null
  contract_keys_unknown: string | null
}

/** What the contract's views say about the network. Pure. */
export function networkStatus({ view, recoverability, updateVotes, fullAccessKeys }: NetworkFacts): NetworkStatus {
  const { state, migrationInfo, block } = view
  const running = liveRunningState(state)
  const initializing = state.kind === 'Initializing' ? state.state : undefined
  const recovering = state.kind === 'Recovery' ? state.state.recovering : {}
  const operators = participantsOf(state).map(({ accountId, participantId, info }): OperatorStatus => {
    const record = recovering[accountId]
    const [backupService, migration] = migrationInfo[accountId] ?? [null, null]
    return {
      account_id: accountId,
      participant_id: participantId,
      url: info.url,
      tls_public_key: info.tls_public_key,
      incarnation: info.incarnation,
      condition: record === undefined ? 'taking part' : 'recovering',
      recovery:
        record === undefined
          ? null
          : {
              destination_url: record.destination_node_info.url,
              destination_tls_key: record.destination_node_info.tls_public_key,
              expires_at: isoTime(record.expires_at),
              delivered: record.delivered !== null,
            },
      planned_move:
        migration === null
          ? null
          : {
              destination_url: migration.destination_node_info.url,
              destination_tls_key: migration.destination_node_info.tls_public_key,
              destination_signer_key: migration.signer_account_pk,
            },
      backup_service: backupService?.public_key ?? null,
      stored_at: isoTimeOrNull(recoverability?.operators[accountId]?.stored_at),
      drilled_at: isoTimeOrNull(recoverability?.operators[accountId]?.drilled_at),
    }
  })
  const live = operators.filter(({ condition }) => condition === 'taking part').length
  const withBackup = operators.filter(({ backup_service }) => backup_service !== null).length
  const domains = (running ?? initializing)?.domains
  const governance = (running?.parameters ?? initializing?.generating_key.parameters)?.threshold ?? null
  return {
    state: state.kind,
    block_height: block.height,
    block_time: new Date(block.timestampMs).toISOString(),
    epoch_id: running?.keyset.epoch_id ?? initializing?.epoch_id ?? null,
    level: recoverability?.level ?? null,
    governance_threshold: governance,
    participants_revision: running?.participants_revision ?? null,
    next_domain_id: domains?.next_domain_id ?? null,
    key_event: keyEventOf(state),
    keys: (running?.keyset.domains ?? initializing?.generated_keys ?? []).map((key): KeyStatus => {
      const threshold = domains?.domains.find(({ id }) => id === key.domain_id)?.reconstruction_threshold ?? Infinity
      const counted = recoverability?.domains.find(({ domain_id }) => domain_id === key.domain_id)
      return {
        domain_id: key.domain_id,
        public_key: publicKeyText(key.key),
        attempt: key.attempt,
        reconstruction_threshold: threshold,
        live,
        can_sign: live >= threshold,
        stored: counted?.stored ?? null,
        drilled: counted?.drilled ?? null,
        level: counted?.level ?? null,
        with_backup_service: withBackup,
        enough_backup_services: withBackup >= threshold,
      }
    }),
    operators,
    updates: updatesOf(updateVotes, governance ?? 0),
    contract_full_access_keys: Array.isArray(fullAccessKeys) ? fullAccessKeys : null,
    contract_keys_unknown: Array.isArray(fullAccessKeys) ? null : fullAccessKeys.unknown,
  }
}

function updatesOf(votes: UpdateVotes, votes_needed: number): UpdateStatus[] {
  return [...new Set(Object.values(votes))].map((code_hash) => ({
    code_hash,
    voters: Object.keys(votes).filter((account) => votes[account] === code_hash),
    votes_needed,
  }))
}

function keyEventOf(state: ContractView['state']): NetworkStatus['key_event'] {
  const event =
    state.kind === 'Initializing'
      ? state.state.generating_key
      : state.kind === 'Resharing'
        ? state.state.resharing_key
        : undefined
  if (event === undefined) return null
  return {
    domain_id: event.domain.id,
    attempt_id: event.instance?.attempt_id ?? null,
    completed: event.instance?.completed.length ?? 0,
    participants: event.parameters.participants.participants.length,
  }
}

function isoTimeOrNull(nanoseconds: bigint | null | undefined): string | null {
  return nanoseconds === null || nanoseconds === undefined ? null : isoTime(nanoseconds)
}

function isoTime(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString()
}
