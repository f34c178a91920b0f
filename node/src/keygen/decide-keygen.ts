import type { KeyEvent } from '@holdfast/protocol/contract-state.ts'
import type { Participation } from '../phases/phase.ts'
import type { AttemptId } from '../storage/share-directory.ts'

/** What the node does about the key being generated. */
export type KeygenStep =
  | { kind: 'idle' }
  | { kind: 'unsupported'; protocol: string }
  | { kind: 'waitForLeader'; leader: string }
  | { kind: 'waitForPeers'; missing: string[] }
  | { kind: 'startInstance'; attempt: AttemptId }
  | { kind: 'waitForOthers'; attempt: AttemptId }
  | { kind: 'generate'; attempt: AttemptId }

/**
 * What one view of the contract asks of this node (protocol.md 2.2): without an attempt under way the leader, who has the
 * lowest participant id, starts one once everybody is connected; with one, all generate. Pure. An attempt whose expiry
 * height is reached counts as over.
 */
export function decideKeygen(
  participation: Participation,
  blockHeight: bigint,
  connected: ReadonlySet<string>,
): KeygenStep {
  const { keygen, self } = participation
  if (keygen === undefined) return { kind: 'idle' }
  if (keygen.domain.protocol !== 'Frost') return { kind: 'unsupported', protocol: keygen.domain.protocol }
  const { instance } = keygen
  if (instance === null || blockHeight >= instance.expires_on) return withoutInstance(participation, keygen, connected)
  const attempt = attemptOf(keygen, instance.attempt_id)
  return { kind: instance.completed.includes(self.participantId) ? 'waitForOthers' : 'generate', attempt }
}

function withoutInstance(
  { self, participants }: Participation,
  keygen: KeyEvent,
  connected: ReadonlySet<string>,
): KeygenStep {
  const leader = participants.reduce((lowest, p) => (p.participantId < lowest.participantId ? p : lowest), self)
  if (leader.participantId !== self.participantId) return { kind: 'waitForLeader', leader: leader.accountId }
  const missing = participants
    .map(({ accountId }) => accountId)
    .filter((accountId) => accountId !== self.accountId && !connected.has(accountId))
  if (missing.length > 0) return { kind: 'waitForPeers', missing }
  return { kind: 'startInstance', attempt: attemptOf(keygen, keygen.next_attempt_id) }
}

function attemptOf(keygen: KeyEvent, attemptId: bigint): AttemptId {
  return { epochId: keygen.epoch_id, domainId: keygen.domain.id, attemptId }
}
