import { concludedKeys } from '@holdfast/protocol/concluded-keyset.ts'
import type { ProtocolState, RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import { liveRunningState, participantsOf, type Participant } from '@holdfast/protocol/live-state.ts'
import { keyEventWork } from '../key-events/key-event-work.ts'
import type { ContractFacts } from './facts.ts'
import type { Participation } from './phase.ts'

/** What a node works with that takes part as `self`. */
export function participation(
  { state, migration }: ContractFacts,
  self: Participation['self'],
  recoveries: Map<string, RecoveryRecord>,
): Participation {
  const participants = participantsOf(state)
  const running = liveRunningState(state)
  return {
    self,
    participants,
    active: activeOthers(state, self, recoveries),
    recovering: [...recoveries.keys()],
    recoveringNodes: participants.flatMap((participant) => recoveringNode(participant, recoveries)),
    keyset: concludedKeys(state),
    domains: state.kind === 'Initializing' ? state.state.domains.domains : (running?.domains.domains ?? []),
    work: workOf(state, self),
    participantsRevision: running?.participants_revision ?? 0n,
    successor: migration?.destination_node_info,
  }
}

/** The participants beside `self` that are not recovering. */
export function activeOthers(
  state: ProtocolState,
  self: Participant,
  recoveries: Map<string, RecoveryRecord>,
): Participant[] {
  return participantsOf(state).filter((p) => p.accountId !== self.accountId && !recoveries.has(p.accountId))
}

/** The node that a recovering participant's account is about to have: its next incarnation. */
function recoveringNode(participant: Participant, recoveries: Map<string, RecoveryRecord>): Participant[] {
  const destination = recoveries.get(participant.accountId)?.destination_node_info
  if (destination === undefined) return []
  return [{ ...participant, info: { ...destination, incarnation: participant.info.incarnation + 1n } }]
}

/** Who leaves in a resharing has no part in it. */
function workOf(state: ProtocolState, { participantId }: Participation['self']): Participation['work'] {
  const work = keyEventWork(state)
  return work?.participants.some((participant) => participant.participantId === participantId) ? work : undefined
}
