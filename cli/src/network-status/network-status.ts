import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { liveRunningState, participantsOf } from '@holdfast/protocol/live-state.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'

/**
 * One distributed key: who can sign with it now, and are enough backup services registered to
 * restore it after the loss of every machine. Whether they hold their shares, the chain does not know.
 */
export type KeyStatus = {
  domain_id: bigint
  public_key: string
  attempt: bigint
  reconstruction_threshold: number
  /** Operators that hold a live share and are not recovering. */
  live: number
  can_sign: boolean
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
  backup_service: string | null
}

/** The network as one final view shows it. */
export type NetworkStatus = {
  state: ContractView['state']['kind']
  block_height: bigint
  block_time: string
  epoch_id: bigint | null
  governance_threshold: number | null
  participants_revision: bigint | null
  next_domain_id: bigint | null
  /** The key that is being generated or reshared, if any. */
  key_event: { domain_id: bigint; attempt_id: bigint | null; completed: number; participants: number } | null
  keys: KeyStatus[]
  operators: OperatorStatus[]
}

/** What a view says about the network. Pure. */
export function networkStatus({ state, migrationInfo, block }: ContractView): NetworkStatus {
  const running = liveRunningState(state)
  const initializing = state.kind === 'Initializing' ? state.state : undefined
  const recovering = state.kind === 'Recovery' ? state.state.recovering : {}
  const operators = participantsOf(state).map(({ accountId, participantId, info }): OperatorStatus => {
    const record = recovering[accountId]
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
      backup_service: migrationInfo[accountId]?.[0]?.public_key ?? null,
    }
  })
  const live = operators.filter(({ condition }) => condition === 'taking part').length
  const withBackup = operators.filter(({ backup_service }) => backup_service !== null).length
  const domains = (running ?? initializing)?.domains
  return {
    state: state.kind,
    block_height: block.height,
    block_time: new Date(block.timestampMs).toISOString(),
    epoch_id: running?.keyset.epoch_id ?? initializing?.epoch_id ?? null,
    governance_threshold: (running?.parameters ?? initializing?.generating_key.parameters)?.threshold ?? null,
    participants_revision: running?.participants_revision ?? null,
    next_domain_id: domains?.next_domain_id ?? null,
    key_event: keyEventOf(state),
    keys: (running?.keyset.domains ?? initializing?.generated_keys ?? []).map((key): KeyStatus => {
      const threshold = domains?.domains.find(({ id }) => id === key.domain_id)?.reconstruction_threshold ?? Infinity
      return {
        domain_id: key.domain_id,
        public_key: publicKeyText(key.key),
        attempt: key.attempt,
        reconstruction_threshold: threshold,
        live,
        can_sign: live >= threshold,
        with_backup_service: withBackup,
        enough_backup_services: withBackup >= threshold,
      }
    }),
    operators,
  }
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

function isoTime(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString()
}
