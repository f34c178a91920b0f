import type { KeyEvent } from '@holdfast/protocol/contract-state.ts'
import type { AttemptId } from '../storage/share-directory.ts'
import type { KeyEventWork } from './key-event-work.ts'

/** What the node does about the key event under way. */
export type KeyEventStep =
  | { kind: 'unsupported'; protocol: string }
  | { kind: 'waitForLeader'; leader: string }
  | { kind: 'waitForPeers'; missing: string[] }
  | { kind: 'startInstance'; attempt: AttemptId }
  | { kind: 'waitForOthers'; attempt: AttemptId }
  | { kind: 'makeShare'; attempt: AttemptId }

/**
 * What one view of the contract asks of participant `self` (protocol.md 2.2): without an attempt under way the leader, who
 * has the lowest participant id, starts one once everybody is connected; with one, all make their shares. Pure. An attempt
 * whose expiry height is reached counts as over.
 */
export function decideKeyEvent(
  work: KeyEventWork,
  self: number,
  blockHeight: bigint,
  connected: ReadonlySet<string>,
): KeyEventStep {
  const { event } = work
  if (event.domain.protocol !== 'Frost') return { kind: 'unsupported', protocol: event.domain.protocol }
  const { instance } = event
  if (instance === null || blockHeight >= instance.expires_on) return withoutInstance(work, self, connected)
  const attempt = attemptOf(event, instance.attempt_id)
  return { kind: instance.completed.includes(self) ? 'waitForOthers' : 'makeShare', attempt }
}

function withoutInstance(
  { event, participants }: KeyEventWork,
  self: number,
  connected: ReadonlySet<string>,
): KeyEventStep {
  const leader = participants.reduce((lowest, p) => (p.participantId < lowest.participantId ? p : lowest))
  if (leader.participantId !== self) return { kind: 'waitForLeader', leader: leader.accountId }
  const missing = participants
    .filter(({ accountId, participantId }) => participantId !== self && !connected.has(accountId))
    .map(({ accountId }) => accountId)
  if (missing.length > 0) return { kind: 'waitForPeers', missing }
  return { kind: 'startInstance', attempt: attemptOf(event, event.next_attempt_id) }
}

function attemptOf(event: KeyEvent, attemptId: bigint): AttemptId {
  return { epochId: event.epoch_id, domainId: event.domain.id, attemptId }
}
