import type { KeyEvent, KeyForDomain, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import { participantsOf, participantsOfParameters, type Participant } from '@holdfast/protocol/live-state.ts'

/**
 * What the contract's key event asks (protocol.md 2.2). The participants take part in it and hold a share afterwards, of
 * which `threshold` will reconstruct.
 */
export type KeyEventWork = { event: KeyEvent; participants: Participant[]; threshold: number } & (
  { kind: 'generate' } | { kind: 'reshare'; previous: PreviousKey }
)

/** The key being reshared, as it is live now. */
export type PreviousKey = {
  epochId: bigint
  key: KeyForDomain
  /** Who takes part under the previous parameters and under the new ones: these can hand on what they hold. */
  stayers: Participant[]
}

/** The key event of a state, or undefined where there is none. */
export function keyEventWork(state: ProtocolState): KeyEventWork | undefined {
  switch (state.kind) {
    case 'NotInitialized':
    case 'Running':
    case 'Recovery':
      return undefined
    case 'Initializing': {
      const event = state.state.generating_key
      const threshold = event.domain.reconstruction_threshold
      return { kind: 'generate', event, threshold, participants: participantsOfParameters(event.parameters) }
    }
    case 'Resharing': {
      const { resharing_key: event, per_domain_thresholds, previous_running_state } = state.state
      const { epoch_id, domains } = previous_running_state.keyset
      const threshold = per_domain_thresholds[String(event.domain.id)] ?? event.domain.reconstruction_threshold
      const key = domains.find(({ domain_id }) => domain_id === event.domain.id)
      if (key === undefined) return undefined
      const participants = participantsOfParameters(event.parameters)
      const ids = new Set(participants.map(({ participantId }) => participantId))
      const stayers = participantsOf(state).filter(({ participantId }) => ids.has(participantId))
      return { kind: 'reshare', event, threshold, participants, previous: { epochId: epoch_id, key, stayers } }
    }
    default:
      state satisfies never
      throw new TypeError('unknown protocol state')
  }
}
