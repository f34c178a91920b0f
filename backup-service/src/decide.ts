import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { KeyForDomain, Keyset, RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import { concludedKeyset } from '@holdfast/protocol/concluded-keyset.ts'
import { coverage } from '@holdfast/protocol/coverage.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { nodeAddress } from './node-address.ts'
import { approvalOf, requestOf, type ApprovalFacts } from './approval/approval.ts'
import type { NodeAddress } from './ports.ts'
import type { Snapshot } from './repository/snapshot.ts'

/** A node that has not concluded this long after a delivery is sent the shares once more. */
export const REDELIVER_AFTER_MS = 30_000

export type IdleReason = 'covered' | 'no-keyset' | 'not-participating' | 'awaiting-conclusion'
export type RefusalCode =
  | 'NOT_REGISTERED'
  | 'NOTHING_TO_RESTORE'
  | 'NODE_URL_INVALID'
  | 'RECORD_INCONSISTENT'
  | 'RESTORE_DENIED'
  | 'ANSWERS_UNREADABLE'

/** The one thing to do now. Both acts name everything that they touch, so that equal decisions are equal work. */
export type Decision =
  | { kind: 'backup'; keyset: Keyset; participantId: number; node: NodeAddress }
  | {
      kind: 'restore'
      keyset: Keyset
      participantId: number
      destination: NodeAddress
      snapshot: Snapshot
      /** False where the contract already shows the delivery. */
      confirm: boolean
    }
  | { kind: 'idle'; reason: IdleReason }
  /** A restore waits for a person's yes or no, or for the time to say no to run out (block time). */
  | { kind: 'hold'; destination: Ed25519KeyText; untilMs: number }
  | { kind: 'refuse'; code: RefusalCode; message: string }

/** A decision to act. */
export type Work = Extract<Decision, { kind: 'backup' | 'restore' }>

export type Known = {
  accountId: string
  keysharesPort: number
  ownTlsKey: Ed25519KeyText
  snapshots: readonly Snapshot[]
  /** The newest delivery that this process completed. */
  lastDelivery: { tlsPublicKey: Ed25519KeyText; requestedAt: bigint; atMs: number } | undefined
  /** What the operator's policy and he himself say to the recovery that the view shows; undefined where it shows none. */
  approval: ApprovalFacts | undefined
}

/**
 * What the view asks of this backup service (protocol.md 3), from the view and what is stored alone. Time is the view's
 * block time: a decision never depends on the local clock.
 */
export function decide(view: ContractView, known: Known): Decision {
  const keyset = concludedKeyset(view.state)
  if (keyset === undefined) return { kind: 'idle', reason: 'no-keyset' }
  const participant = participantOf(view.state, known.accountId)
  if (participant === undefined) return { kind: 'idle', reason: 'not-participating' }
  const { participantId } = participant

  const record = recoveryRecord(view, known.accountId)
  if (record === undefined) {
    if (coveringSnapshot(keyset, participantId, known.snapshots) !== undefined)
      return { kind: 'idle', reason: 'covered' }
    return (
      registrationRefusal(view, known) ??
      atNode(participant.info.url, participant.info.tls_public_key, known.keysharesPort, (node) => ({
        kind: 'backup',
        keyset,
        participantId,
        node,
      }))
    )
  }
  if (record.participant_id !== participantId) return inconsistentRecord(record, participantId)
  const withheld = approvalDecision(view, record, known)
  if (withheld?.kind === 'refuse') return withheld
  const snapshot = coveringSnapshot(keyset, participantId, known.snapshots)
  if (snapshot === undefined) return nothingToRestore(keyset, participantId, known.snapshots)
  const delivered = record.delivered?.keyset_digest === keysetDigest(keyset)
  if (sentLately(view, record, delivered, known)) return { kind: 'idle', reason: 'awaiting-conclusion' }
  const { url, tls_public_key } = record.destination_node_info
  return (
    registrationRefusal(view, known) ??
    withheld ??
    atNode(url, tls_public_key, known.keysharesPort, (destination) => ({
      kind: 'restore',
      keyset,
      participantId,
      destination,
      snapshot,
      confirm: !delivered,
    }))
  )
}

/** Text that is equal for decisions that ask for the same work. */
export function decisionKey(decision: Decision): string {
  switch (decision.kind) {
    case 'idle':
      return `idle ${decision.reason}`
    case 'hold':
      return `hold ${decision.destination} ${decision.untilMs}`
    case 'refuse':
      return `refuse ${decision.code} ${decision.message}`
    case 'backup':
      return `backup ${workKey(decision.keyset)} ${decision.participantId} ${addressKey(decision.node)}`
    case 'restore':
      return `restore ${workKey(decision.keyset)} ${decision.participantId} ${addressKey(decision.destination)}`
    default:
      decision satisfies never
      throw new TypeError('unknown decision')
  }
}

/** The account's live recovery: an expired record concludes nothing any more, so it counts as none. */
export function recoveryRecord(view: ContractView, accountId: string): RecoveryRecord | undefined {
  if (view.state.kind !== 'Recovery') return undefined
  const { recovering } = view.state.state
  const record = Object.hasOwn(recovering, accountId) ? recovering[accountId] : undefined
  return record !== undefined && record.expires_at > nanoseconds(view.block.timestampMs) ? record : undefined
}

/** The newest verified snapshot that alone covers the keyset for this participant. */
export function coveringSnapshot(
  keyset: Keyset,
  participantId: number,
  snapshots: readonly Snapshot[],
): Snapshot | undefined {
  return snapshots.findLast(
    (snapshot) => snapshot.participantId === participantId && coverage(keyset, snapshot.keys).kind === 'covered',
  )
}

/** The snapshot that covers what this view wants backed up for the account. */
export function coveringSnapshotOf(
  view: ContractView,
  accountId: string,
  snapshots: readonly Snapshot[],
): Snapshot | undefined {
  const keyset = concludedKeyset(view.state)
  const participant = participantOf(view.state, accountId)
  if (keyset === undefined || participant === undefined) return undefined
  return coveringSnapshot(keyset, participant.participantId, snapshots)
}

/** Why the restore that this record asks for may not be made now; undefined where it may. */
function approvalDecision(view: ContractView, record: RecoveryRecord, known: Known): Decision | undefined {
  const request = requestOf(record)
  const facts = known.approval ?? NOT_CONSULTED
  const approval = approvalOf(request, facts, view.block.timestampMs)
  const { destination } = request
  switch (approval.kind) {
    case 'granted':
      return undefined
    case 'held':
      return { kind: 'hold', destination, untilMs: approval.untilMs }
    case 'denied':
      return { kind: 'refuse', code: 'RESTORE_DENIED', message: denied(destination) }
    case 'unknown':
      return { kind: 'refuse', code: 'ANSWERS_UNREADABLE', message: approval.reason }
    default:
      approval satisfies never
      throw new TypeError('unknown approval')
  }
}

const NOT_CONSULTED: ApprovalFacts = {
  policy: { mode: 'auto' },
  firstSeenMs: undefined,
  answers: { kind: 'unreadable', reason: "the operator's answers have not been read yet" },
}

function denied(destination: Ed25519KeyText): string {
  return (
    `the operator denied the restore to ${destination}, and it is not made; if nobody of yours asked for it, your full-access ` +
    'key is stolen: replace it, then cancel the recovery; the snapshots stay as they are'
  )
}

function sentLately(view: ContractView, record: RecoveryRecord, delivered: boolean, known: Known): boolean {
  const own = known.lastDelivery
  const sentByUs =
    own?.tlsPublicKey === record.destination_node_info.tls_public_key && own.requestedAt === record.requested_at
      ? own.atMs
      : undefined
  const shown = delivered && record.delivered !== null ? Number(record.delivered.at / 1_000_000n) : undefined
  const newest = Math.max(sentByUs ?? -Infinity, shown ?? -Infinity)
  return view.block.timestampMs - newest < REDELIVER_AFTER_MS
}

function registrationRefusal(view: ContractView, known: Known): Decision | undefined {
  const found = view.migrationInfo[known.accountId]?.[0]?.public_key
  if (found === known.ownTlsKey) return undefined
  return {
    kind: 'refuse',
    code: 'NOT_REGISTERED',
    message:
      `${known.accountId}'s node answers the registered backup service only: found ${found ?? 'none'} in the contract, ` +
      `this one is ${known.ownTlsKey}; register it with: holdfast register`,
  }
}

function atNode(url: string, key: Ed25519KeyText, port: number, act: (node: NodeAddress) => Decision): Decision {
  try {
    return act(nodeAddress(url, key, port))
  } catch (error) {
    return { kind: 'refuse', code: 'NODE_URL_INVALID', message: errorMessage(error) }
  }
}

function nothingToRestore(keyset: Keyset, participantId: number, snapshots: readonly Snapshot[]): Decision {
  const own = snapshots.filter((snapshot) => snapshot.participantId === participantId)
  const { missing, nearest } = nearestTo(keyset, own)
  const held = [...new Set(own.map(({ epochId }) => epochId))].join(', ')
  return {
    kind: 'refuse',
    code: 'NOTHING_TO_RESTORE',
    message:
      `cannot restore: the live keyset of epoch ${keyset.epoch_id} has ${keyset.domains.length} domains, ` +
      `${nearest === undefined ? 'no verified snapshot has any of them' : `the nearest snapshot ${nearest} lacks some`}; ` +
      `missing: ${missing.map(domainName).join(', ')}; held: ${held === '' ? 'none' : `epoch ${held}`}; put the right ` +
      'repository back, or ask governance to reshare this operator out',
  }
}

/** What the snapshot that has most of a keyset does not have of it. */
function nearestTo(keyset: Keyset, snapshots: readonly Snapshot[]): { missing: KeyForDomain[]; nearest?: string } {
  let found: { missing: KeyForDomain[]; nearest?: string } = { missing: keyset.domains }
  for (const { data, keys } of snapshots) {
    const held = coverage(keyset, keys)
    if (held.kind === 'missing' && held.domains.length < found.missing.length)
      found = { missing: held.domains, nearest: data.file }
  }
  return found
}

function domainName({ domain_id, attempt }: KeyForDomain): string {
  return `domain ${domain_id} (attempt ${attempt})`
}

function inconsistentRecord(record: RecoveryRecord, participantId: number): Decision {
  return {
    kind: 'refuse',
    code: 'RECORD_INCONSISTENT',
    message:
      `cannot restore: the recovery record names participant ${record.participant_id}, the previous running state ` +
      `${participantId}; check that every RPC endpoint serves the right contract`,
  }
}

function workKey(keyset: Keyset): string {
  return `${keysetDigest(keyset)} ${keyset.domains.map(({ commitments }) => commitments?.join() ?? '-').join(' ')}`
}

function addressKey({ host, port, tlsPublicKey }: NodeAddress): string {
  return `${host}:${port} ${tlsPublicKey}`
}

function nanoseconds(ms: number): bigint {
  return BigInt(ms) * 1_000_000n
}
