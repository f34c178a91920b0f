import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { RestoreRequest } from '../network/port.ts'

/** Whether the authorisation in the contract is enough for a restore, or a person has time to say no. */
export type ApprovalPolicy = { mode: 'auto' } | { mode: 'hold'; minutes: number }

/**
 * Which request for this operator's shares is meant. `requestedAt` (nanoseconds since the epoch) tells a second request of the
 * same node from the first, so that an answer speaks of exactly one: the contract's own where a request has a date there,
 * else the block time at which this service first saw it.
 */
export type RequestId = { destination: Ed25519KeyText; requestedAt: bigint }

/** What a person said, once and for good. */
export type RestoreAnswer = RequestId & { verdict: 'approved' | 'denied' }

/** What is known beside the contract about the request that it shows. */
export type ApprovalFacts = {
  policy: ApprovalPolicy
  /** Block time of the first agreed view that showed this request, milliseconds since the epoch; undefined: this one. */
  firstSeenMs: number | undefined
  answers: { kind: 'read'; answers: readonly RestoreAnswer[] } | { kind: 'unreadable'; reason: string }
}

export type Approval =
  | { kind: 'granted'; by: 'policy' | 'person' | 'waiting' }
  | { kind: 'held'; untilMs: number }
  | { kind: 'denied' }
  /** Somebody may have said no, and it cannot be read: that is no yes. */
  | { kind: 'unknown'; reason: string }

const MS_PER_MINUTE = 60_000
const NS_PER_MS = 1_000_000n

/** What tells this request from others. `firstSeenMs` is the block time of the first agreed view that showed it. */
export function requestIdOf(request: RestoreRequest, firstSeenMs: number): RequestId {
  const requestedAt = request.claim === 'recovery' ? request.requestedAt : BigInt(firstSeenMs) * NS_PER_MS
  return { destination: request.tlsPublicKey, requestedAt }
}

/** True for the same destination and the same request. */
export function sameRequest(a: RequestId, b: RequestId): boolean {
  return a.destination === b.destination && a.requestedAt === b.requestedAt
}

/**
 * Whether this request may be served at the block time `nowMs`. A denial is of the destination, whatever request it comes
 * with; an approval is of exactly one request.
 */
export function approvalOf(request: RequestId, facts: ApprovalFacts, nowMs: number): Approval {
  const { policy, firstSeenMs, answers } = facts
  if (answers.kind === 'unreadable') return { kind: 'unknown', reason: answers.reason }
  const denied = answers.answers.some(
    ({ verdict, destination }) => verdict === 'denied' && destination === request.destination,
  )
  if (denied) return { kind: 'denied' }
  if (policy.mode === 'auto') return { kind: 'granted', by: 'policy' }
  if (answers.answers.some((answer) => answer.verdict === 'approved' && sameRequest(answer, request)))
    return { kind: 'granted', by: 'person' }
  const untilMs = (firstSeenMs ?? nowMs) + policy.minutes * MS_PER_MINUTE
  return nowMs >= untilMs ? { kind: 'granted', by: 'waiting' } : { kind: 'held', untilMs }
}
