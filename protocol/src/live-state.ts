import type { Keyset, Parameters, ParticipantInfo, ProtocolState, RecoveryRecord, Running } from './contract-state.ts'
import type { BlockReference } from './rpc/ports.ts'

/** The Running state that is in force: itself, or the previous one during a resharing or a recovery (protocol.md 3). */
export function liveRunningState(state: ProtocolState): Running | undefined {
  switch (state.kind) {
    case 'Running':
      return state.state
    case 'Resharing':
    case 'Recovery':
      return state.state.previous_running_state
    case 'NotInitialized':
    case 'Initializing':
      return undefined
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}

/** The keyset that is live, or undefined where none is concluded or it holds no domain. */
export function liveKeyset(state: ProtocolState): Keyset | undefined {
  const keyset = liveRunningState(state)?.keyset
  return keyset !== undefined && keyset.domains.length > 0 ? keyset : undefined
}

/**
 * The recoveries in force by account. An expired record can neither conclude nor confirm (TEE.md 2.7), so it
 * counts as gone, though it stays in the state until the next change call sweeps it.
 */
export function liveRecoveries(state: ProtocolState, nowNs: bigint): Map<string, RecoveryRecord> {
  if (state.kind !== 'Recovery') return new Map()
  return new Map(Object.entries(state.state.recovering).filter(([, record]) => nowNs < record.expires_at))
}

/** A block's time as the contract counts it: nanoseconds since the epoch. */
export function blockTimeNs({ timestampMs }: Pick<BlockReference, 'timestampMs'>): bigint {
  return BigInt(Math.floor(timestampMs)) * 1_000_000n
}

export type Participant = { accountId: string; participantId: number; info: ParticipantInfo }

/** The participants in force; while keys are first generated, those of the key event. */
export function participantsOf(state: ProtocolState): Participant[] {
  const parameters =
    state.kind === 'Initializing' ? state.state.generating_key.parameters : liveRunningState(state)?.parameters
  return parameters === undefined ? [] : participantsOfParameters(parameters)
}

/** The participants that parameters name; those of a key event are the ones that take part in it. */
export function participantsOfParameters({ participants }: Parameters): Participant[] {
  return participants.participants.map(([accountId, participantId, info]) => ({ accountId, participantId, info }))
}

/** One account's entry among the participants, or undefined. */
export function participantOf(state: ProtocolState, accountId: string): Participant | undefined {
  return participantsOf(state).find((p) => p.accountId === accountId)
}
