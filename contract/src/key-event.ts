import type { Call } from './call.ts'
import { emit } from './events.ts'
import { writeJson } from './json.ts'
import { refuse } from './refusal.ts'
import type {
  DomainConfig,
  KeyEvent,
  KeyEventId,
  KeyEventInstance,
  KeyEventOutcome,
  Participant,
  Participants,
} from './types.ts'
import { increment, type U64 } from './u64.ts'

/** The generation (or resharing) of one domain's key, attempt by attempt, as near/mpc has it. */
export function newKeyEvent(epoch_id: U64, domain: DomainConfig): KeyEvent {
  return { epoch_id, domain, instance: null, next_attempt_id: 0 }
}

/**
 * The leader (lowest participant id) starts the next attempt.
 * @throws Refusal KEY_EVENT_ACTIVE, KEY_EVENT_MISMATCH, NOT_LEADER
 */
export function startAttempt(call: Call, event: KeyEvent, members: Participants, id: KeyEventId): KeyEvent {
  const height = call.chain.height()
  const active = activeInstance(event, height)
  if (active !== null) {
    refuse('KEY_EVENT_ACTIVE', `attempt ${active.attempt_id} is under way until block ${active.expires_on}`)
  }
  checkId(id, event, event.next_attempt_id)
  const leader = members.participants.reduce((lowest, member) => (member[1] < lowest[1] ? member : lowest))
  if (leader[0] !== call.caller)
    refuse('NOT_LEADER', `only the leader ${leader[0]} starts an attempt, found ${call.caller}`)
  const expires_on = height + 1 + call.ledger.config.read().key_event_timeout_blocks
  const instance: KeyEventInstance = {
    attempt_id: id.attempt_id,
    started_in: height,
    expires_on,
    completed: [],
  }
  call.ledger.outcome.clear()
  emit(call, 'key_event_attempt_started', { ...id, expires_on })
  return { ...event, instance, next_attempt_id: increment(event.next_attempt_id) }
}

/** The attempt under way, after checking that it is the one meant. @throws Refusal NO_ACTIVE_KEY_EVENT, KEY_EVENT_MISMATCH */
export function requireAttempt(call: Call, event: KeyEvent, id: KeyEventId): KeyEventInstance {
  const instance = activeInstance(event, call.chain.height())
  if (instance === null) {
    refuse(
      'NO_ACTIVE_KEY_EVENT',
      `no attempt for domain ${event.domain.id} is under way; the next is ${event.next_attempt_id}`,
    )
  }
  checkId(id, event, instance.attempt_id)
  return instance
}

/** What a success vote made of the attempt. */
export type VoteResult = { kind: 'voted'; event: KeyEvent } | { kind: 'aborted'; event: KeyEvent } | { kind: 'agreed' }

/**
 * A participant's vote that the attempt came to this key and these commitments. One that differs from an earlier vote ends
 * the attempt. Before anything is recorded, `verify` is told how many votes there have been for the same.
 * @throws Refusal ALREADY_VOTED, and what `verify` throws
 */
export function voteSuccess(
  call: Call,
  event: KeyEvent,
  instance: KeyEventInstance,
  voter: Participant,
  members: Participants,
  vote: KeyEventOutcome,
  verify: (votesBefore: number) => void,
): VoteResult {
  const { outcome } = call.ledger
  const id = { epoch_id: event.epoch_id, domain_id: event.domain.id, attempt_id: instance.attempt_id }
  const known = instance.completed.length > 0
  const same = known && outcome.text() === writeJson(vote)
  if (known && !same) {
    verify(0)
    emit(call, 'key_event_attempt_aborted', { ...id, account_id: call.caller, reason: 'disagreement' })
    return { kind: 'aborted', event: withoutAttempt(call, event) }
  }
  if (known) checkNotVoted(instance, voter)
  verify(instance.completed.length)
  emit(call, 'key_event_voted', { ...id, account_id: call.caller })
  const completed = [...instance.completed, voter[1]].sort((a, b) => a - b)
  if (completed.length === members.participants.length) {
    outcome.clear()
    return { kind: 'agreed' }
  }
  if (!known) outcome.write(vote)
  return { kind: 'voted', event: { ...event, instance: { ...instance, completed } } }
}

/** A participant ends the attempt. @throws Refusal NOT_PARTICIPANT, NO_ACTIVE_KEY_EVENT, KEY_EVENT_MISMATCH, ALREADY_VOTED */
export function voteAbort(call: Call, event: KeyEvent, voter: Participant, id: KeyEventId): KeyEvent {
  checkNotVoted(requireAttempt(call, event, id), voter)
  emit(call, 'key_event_attempt_aborted', { ...id, account_id: call.caller, reason: 'vote' })
  return withoutAttempt(call, event)
}

/**
 * The call comes from the caller's present node, once another one has recovered or migrated: an old machine's key must not
 * vote for a share that only its successor holds, nor start and end the attempts in which that one takes part. @throws Refusal WRONG_SIGNER_KEY
 */
export function requirePresentNode(call: Call): void {
  const { signer_account_pk: recorded } = call.ledger.identity(call.caller)
  if (recorded !== null) requireSignerKey(call, recorded)
}

/** @throws Refusal WRONG_SIGNER_KEY */
export function requireSignerKey(call: Call, expected: string): void {
  const found = call.chain.signerKey()
  if (found !== expected) refuse('WRONG_SIGNER_KEY', `the call must be signed with ${expected}, found ${found}`)
}

function withoutAttempt(call: Call, event: KeyEvent): KeyEvent {
  call.ledger.outcome.clear()
  return { ...event, instance: null }
}

/** A timed-out attempt no longer exists. */
function activeInstance(event: KeyEvent, height: number): KeyEventInstance | null {
  return event.instance !== null && height < event.instance.expires_on ? event.instance : null
}

function checkId(id: KeyEventId, event: KeyEvent, attempt: U64): void {
  if (id.epoch_id !== event.epoch_id || id.domain_id !== event.domain.id || id.attempt_id !== attempt) {
    refuse(
      'KEY_EVENT_MISMATCH',
      `expected epoch ${event.epoch_id}, domain ${event.domain.id}, attempt ${attempt}; ` +
        `found epoch ${id.epoch_id}, domain ${id.domain_id}, attempt ${id.attempt_id}`,
    )
  }
}

function checkNotVoted(instance: KeyEventInstance, voter: Participant): void {
  if (instance.completed.includes(voter[1])) {
    refuse('ALREADY_VOTED', `${voter[0]} has voted in attempt ${instance.attempt_id}`)
  }
}
