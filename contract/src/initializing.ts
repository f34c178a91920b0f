import { type Call, requireParticipant, requirePhase } from './call.ts'
import { emit } from './events.ts'
import { newKeyEvent, requireAttempt, requirePresentNode, startAttempt, voteAbort, voteSuccess } from './key-event.ts'
import { keysetGoesLive } from './live-keyset.ts'
import { refuse } from './refusal.ts'
import type { Commitments, Core, DomainConfig, KeyForDomain, Phase } from './types.ts'
import { fields, u64 } from './validation/arguments.ts'
import { checkCommitments, readCommitments } from './validation/commitments.ts'
import { curveOf } from './validation/domains.ts'
import { groupKey } from './validation/group-key.ts'
import { keyEventId } from './validation/key-event-id.ts'

type Initializing = Extract<Phase, { kind: 'Initializing' }>

/** Initializing -> Initializing: the leader starts an attempt. */
export function startKeygenInstance(call: Call, input: unknown): void {
  const id = keyEventId(fields(input, 'arguments', ['key_event_id']).key_event_id)
  const core = call.ledger.core.read()
  const phase = requirePhase(core, 'Initializing')
  requireParticipant(call)
  requirePresentNode(call)
  setKeyEvent(call, core, phase, startAttempt(call, phase.generating_key, call.ledger.participants.read(), id))
}

/** Initializing -> Initializing (vote, abort by disagreement, next domain) or Running (the last domain has its key). */
export function votePk(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['key_event_id', 'public_key', 'commitments'])
  const id = keyEventId(args.key_event_id)
  const core = ledger.core.read()
  const phase = requirePhase(core, 'Initializing')
  const voter = requireParticipant(call)
  requirePresentNode(call)
  const event = phase.generating_key
  const instance = requireAttempt(call, event, id)
  const curve = curveOf(event.domain.protocol)
  const { key, hex } = groupKey(args.public_key, curve, chain)
  const commitments = readCommitments(args.commitments, curve, event.domain.reconstruction_threshold, hex)
  const members = ledger.participants.read()
  const result = voteSuccess(call, event, instance, voter, members, { public_key: key, commitments }, (votesBefore) => {
    if (commitments !== null) checkCommitments(commitments, curve, chain, votesBefore)
  })
  if (result.kind !== 'agreed') {
    setKeyEvent(call, core, phase, result.event)
    return
  }
  addKey(call, core, phase, { domain_id: event.domain.id, key, attempt: instance.attempt_id }, commitments)
}

/** Initializing -> Initializing: one participant ends the attempt under way. */
export function abortKeygen(call: Call, phase: Initializing, input: unknown): void {
  const id = keyEventId(fields(input, 'arguments', ['key_event_id']).key_event_id)
  const voter = requireParticipant(call)
  requirePresentNode(call)
  const core = call.ledger.core.read()
  setKeyEvent(call, core, phase, voteAbort(call, phase.generating_key, voter, id))
}

/** Initializing -> Running without the unfinished domains, by *threshold* votes. */
export function voteCancelKeygen(call: Call, input: unknown): void {
  const { ledger } = call
  const next = u64(fields(input, 'arguments', ['next_domain_id']).next_domain_id, 'next_domain_id')
  const core = ledger.core.read()
  const phase = requirePhase(core, 'Initializing')
  const [, id] = requireParticipant(call)
  const registry = ledger.domains.read()
  if (next !== registry.next_domain_id) {
    refuse('NEXT_DOMAIN_ID_MISMATCH', `next_domain_id is ${registry.next_domain_id}, found ${next}`)
  }
  // A repeated vote changes nothing, as with near/mpc.
  if (phase.cancel_votes.includes(id)) return
  const cancel_votes = [...phase.cancel_votes, id].sort((a, b) => a - b)
  emit(call, 'keygen_cancel_voted', { account_id: call.caller })
  if (cancel_votes.length < core.threshold) {
    ledger.core.write({ ...core, phase: { ...phase, cancel_votes } })
    return
  }
  const { epoch_id, domains: keys } = ledger.keyset.read()
  // The ids of the domains that go are never given again: next_domain_id stays.
  ledger.domains.write({ ...registry, domains: registry.domains.slice(0, keys.length) })
  ledger.outcome.clear()
  ledger.core.write({ ...core, phase: { kind: 'Running' } })
  keysetGoesLive(ledger, call.chain)
  emit(call, 'keygen_cancelled', { epoch_id, dropped: registry.domains.slice(keys.length).map((domain) => domain.id) })
  emit(call, 'running_entered', { epoch_id, from: 'Initializing' })
}

function setKeyEvent(
  call: Call,
  core: Core,
  phase: Initializing,
  generating_key: Initializing['generating_key'],
): void {
  call.ledger.core.write({ ...core, phase: { ...phase, generating_key } })
}

function addKey(call: Call, core: Core, phase: Initializing, key: KeyForDomain, commitments: Commitments): void {
  const { ledger } = call
  const keyset = ledger.keyset.read()
  const domains = [...keyset.domains, key]
  ledger.keyset.write({ ...keyset, domains })
  const { epoch_id } = keyset
  ledger.setCommitmentsText(epoch_id, key.domain_id, JSON.stringify(commitments))
  emit(call, 'domain_key_agreed', { epoch_id, domain_id: key.domain_id, attempt_id: key.attempt, public_key: key.key })
  const next: DomainConfig | undefined = ledger.domains.read().domains[domains.length]
  // Votes to cancel are about the whole key generation, not about one domain: they stay.
  if (next !== undefined) {
    setKeyEvent(call, core, phase, newKeyEvent(epoch_id, next))
    return
  }
  ledger.core.write({ ...core, phase: { kind: 'Running' } })
  keysetGoesLive(ledger, call.chain)
  emit(call, 'running_entered', { epoch_id, from: 'Initializing' })
}
