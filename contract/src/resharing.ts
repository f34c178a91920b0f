import { closeBallot } from './ballot.ts'
import { type Call, requireParticipant, requirePhase, requireProspective } from './call.ts'
import { enterEpoch } from './epoch.ts'
import { emit } from './events.ts'
import { newKeyEvent, requireAttempt, requirePresentNode, startAttempt, voteAbort, voteSuccess } from './key-event.ts'
import { dropRecoveries } from './recovering.ts'
import type { Commitments, Core, KeyForDomain, Participants, Phase, Proposal } from './types.ts'
import type { U64 } from './u64.ts'
import { fields } from './validation/arguments.ts'
import { checkCommitments, readCommitments } from './validation/commitments.ts'
import { curveOf } from './validation/domains.ts'
import { firstCommitment } from './validation/group-key.ts'
import { keyEventId } from './validation/key-event-id.ts'
import { thresholdOf } from './validation/proposal.ts'

type Resharing = Extract<Phase, { kind: 'Resharing' }>

/**
 * Running -> Resharing, Recovery -> Resharing: everybody who is to take part has voted for it. Pending recoveries are
 * dropped, without a cooldown. Without a key to reshare the new epoch is there at once.
 */
export function beginResharing(call: Call, epoch_id: U64, proposal: Proposal): void {
  const { ledger } = call
  const core = ledger.core.read()
  const { participants: proposed, threshold } = proposal.parameters
  const before = accountsOf(ledger.participants.read())
  const after = accountsOf(proposed)
  const joining = [...after].filter((account) => !before.has(account))
  const leaving = [...before].filter((account) => !after.has(account))
  closeBallot(ledger, ledger.parameterVotes)
  const recoveries_dropped = dropRecoveries(call)
  const [first] = ledger.domains.read().domains
  if (first === undefined) {
    enterEpoch(call, {
      epoch_id,
      participants: proposed,
      threshold,
      joining,
      leaving,
      per_domain_thresholds: {},
      keys: [],
    })
    if (core.phase.kind === 'Recovery') emit(call, 'running_entered', { epoch_id, from: 'Recovery' })
    return
  }
  ledger.prospective.write(proposed)
  ledger.core.write({
    ...core,
    phase: {
      kind: 'Resharing',
      resharing_key: newKeyEvent(epoch_id, first),
      threshold,
      per_domain_thresholds: proposal.per_domain_thresholds,
      cancellation_requests: [],
      joining,
      leaving,
    },
    // the epoch of the key event is beyond it
    previously_cancelled_resharing_epoch_id: null,
  })
  emit(call, 'resharing_started', { epoch_id, threshold, joining, leaving, recoveries_dropped })
}

/** Resharing -> Resharing: the leader of the epoch to come starts an attempt. */
export function startReshareInstance(call: Call, input: unknown): void {
  const id = keyEventId(fields(input, 'arguments', ['key_event_id']).key_event_id)
  const core = call.ledger.core.read()
  const phase = requirePhase(core, 'Resharing')
  requireProspective(call)
  requirePresentNode(call)
  setKeyEvent(call, core, phase, startAttempt(call, phase.resharing_key, call.ledger.prospective.read(), id))
}

/** Resharing -> Resharing (vote, abort by disagreement, next domain) or Running (the last key has its new shares). */
export function voteReshared(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['key_event_id', 'commitments'])
  const id = keyEventId(args.key_event_id)
  const core = ledger.core.read()
  const phase = requirePhase(core, 'Resharing')
  const voter = requireProspective(call)
  requirePresentNode(call)
  const { resharing_key: event, per_domain_thresholds } = phase
  const { domain } = event
  const instance = requireAttempt(call, event, id)
  const { key } = ledger.keyset.read().domains[ledger.resharedKeys.read().length] as KeyForDomain
  const curve = curveOf(domain.protocol)
  const threshold = thresholdOf(domain, per_domain_thresholds)
  const commitments = readCommitments(args.commitments, curve, threshold, firstCommitment(key, chain))
  const outcome = { public_key: key, commitments }
  const result = voteSuccess(call, event, instance, voter, ledger.prospective.read(), outcome, (votesBefore) => {
    if (commitments !== null) checkCommitments(commitments, curve, chain, votesBefore)
  })
  if (result.kind === 'agreed') {
    addKey(call, core, phase, { domain_id: domain.id, key, attempt: instance.attempt_id }, commitments)
  } else setKeyEvent(call, core, phase, result.event)
}

/** Resharing -> Resharing: one participant of the epoch to come ends the attempt under way. */
export function abortReshare(call: Call, phase: Resharing, input: unknown): void {
  const id = keyEventId(fields(input, 'arguments', ['key_event_id']).key_event_id)
  const voter = requireProspective(call)
  requirePresentNode(call)
  setKeyEvent(call, call.ledger.core.read(), phase, voteAbort(call, phase.resharing_key, voter, id))
}

/** Resharing -> Running as before, by *threshold* votes of those who take part now. The epoch's id is never used again. */
export function voteCancelResharing(call: Call, input: unknown): void {
  const { ledger } = call
  fields(input, 'arguments', [])
  const core = ledger.core.read()
  const phase = requirePhase(core, 'Resharing')
  requireParticipant(call)
  // A repeated vote changes nothing, as with near/mpc.
  if (phase.cancellation_requests.includes(call.caller)) return
  const cancellation_requests = [...phase.cancellation_requests, call.caller]
  emit(call, 'resharing_cancel_voted', { account_id: call.caller })
  if (cancellation_requests.length < core.threshold) {
    ledger.core.write({ ...core, phase: { ...phase, cancellation_requests } })
    return
  }
  const { epoch_id } = phase.resharing_key
  for (const { domain_id } of ledger.resharedKeys.read()) ledger.setCommitmentsText(epoch_id, domain_id, null)
  clearPreparations(call)
  ledger.backupServices.remove(...phase.joining)
  ledger.core.write({ ...core, phase: { kind: 'Running' }, previously_cancelled_resharing_epoch_id: epoch_id })
  emit(call, 'resharing_cancelled', { epoch_id })
  emit(call, 'running_entered', { epoch_id: ledger.keyset.read().epoch_id, from: 'Resharing' })
}

function setKeyEvent(call: Call, core: Core, phase: Resharing, resharing_key: Resharing['resharing_key']): void {
  call.ledger.core.write({ ...core, phase: { ...phase, resharing_key } })
}

function addKey(call: Call, core: Core, phase: Resharing, key: KeyForDomain, commitments: Commitments): void {
  const { ledger } = call
  const { epoch_id } = phase.resharing_key
  const { domain_id, attempt: attempt_id } = key
  const keys = [...ledger.resharedKeys.read(), key]
  ledger.setCommitmentsText(epoch_id, domain_id, JSON.stringify(commitments))
  emit(call, 'domain_key_reshared', { epoch_id, domain_id, attempt_id })
  const next = ledger.domains.read().domains[keys.length]
  if (next !== undefined) {
    ledger.resharedKeys.write(keys)
    setKeyEvent(call, core, phase, newKeyEvent(epoch_id, next))
    return
  }
  const { threshold, per_domain_thresholds, joining, leaving } = phase
  const participants = ledger.prospective.read()
  clearPreparations(call)
  enterEpoch(call, { epoch_id, participants, threshold, joining, leaving, per_domain_thresholds, keys })
  emit(call, 'running_entered', { epoch_id, from: 'Resharing' })
}

/** What only a resharing needs. */
function clearPreparations({ ledger }: Call): void {
  ledger.prospective.clear()
  ledger.resharedKeys.clear()
  ledger.outcome.clear()
}

function accountsOf({ participants }: Participants): Set<string> {
  return new Set(participants.map(([account]) => account))
}
