import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { KeyForDomain, Keyset } from '@holdfast/protocol/contract-state.ts'
import { concludedKeyset, concludedKeysetJson } from '@holdfast/protocol/concluded-keyset.ts'
import { coverage } from '@holdfast/protocol/coverage.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { participantOf, type Participant } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { nodeAddress } from './node-address.ts'
import { approvalOf, requestIdOf, sameRequest, type ApprovalFacts, type RequestId } from './approval/approval.ts'
import type { Claim } from './network/claims.ts'
import { otherHolderOf } from './network/other-holder.ts'
import type { Network, RestoreRequest } from './network/port.ts'
import type { NodeAddress } from './ports.ts'
import type { Snapshot } from './repository/snapshot.ts'

/** A node that has not concluded this long after a delivery is sent the shares once more; each time it is given twice as long. */
export const REDELIVER_AFTER_MS = 30_000
const REDELIVER_AT_LEAST_EVERY_MS = 300_000

export type IdleReason = 'covered' | 'no-keyset' | 'not-participating' | 'awaiting-conclusion'
export type RefusalCode =
  | 'NOT_REGISTERED'
  | 'NOTHING_TO_RESTORE'
  | 'NODE_URL_INVALID'
  | 'RECORD_INCONSISTENT'
  | 'DESTINATION_TAKEN'
  | 'RESTORE_DENIED'
  | 'ANSWERS_UNREADABLE'

/** The one thing to do now. Both acts name everything that they touch, so that equal decisions are equal work. */
export type Decision =
  | {
      kind: 'backup'
      keyset: Keyset
      participantId: number
      node: NodeAddress
      /** What a new node waits for that no snapshot has, in a sentence; null where none waits. */
      awaited: string | null
    }
  | {
      kind: 'restore'
      claim: Claim
      keyset: Keyset
      participantId: number
      destination: NodeAddress
      snapshot: Snapshot
      request: RequestId
      finish: Finish
    }
  | { kind: 'idle'; reason: IdleReason }
  /** A restore waits for a person's yes or no, or for the time to say no to run out (block time). */
  | { kind: 'hold'; destination: Ed25519KeyText; untilMs: number }
  | { kind: 'refuse'; code: RefusalCode; message: string }

/** What is to follow the node's 200: a call of the contract, an answer of the node to this keyset (the contract's JSON), or nothing. */
export type Finish = { kind: 'call' } | { kind: 'read-back'; keyset: Json } | { kind: 'none' }

/** A decision to act. */
export type Work = Extract<Decision, { kind: 'backup' | 'restore' }>

export type Known = {
  network: Network
  accountId: string
  keysharesPort: number
  ownTlsKey: Ed25519KeyText
  snapshots: readonly Snapshot[]
  /** The newest delivery that this process completed, and how many there were for the same request. */
  lastDelivery: { request: RequestId; atMs: number; times: number } | undefined
  /** What the operator's policy and he himself say to the request that the view shows; undefined where it shows none. */
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

  const snapshot = coveringSnapshot(keyset, participantId, known.snapshots)
  const request = known.network.restoreRequest(view, known.accountId)
  if (request === undefined || isPaused(request)) {
    return snapshot === undefined ? backup(view, keyset, participant, known, null) : { kind: 'idle', reason: 'covered' }
  }
  // A node that moves is still there, and has the shares that the next one is to get.
  if (snapshot === undefined && request.claim === 'migration') {
    return backup(view, keyset, participant, known, awaitedInVain(request, keyset, participantId, known.snapshots))
  }
  if (request.claim === 'recovery' && request.participantId !== participantId)
    return inconsistentRecord(request.participantId, participantId)
  const holder = otherHolderOf(view, known.accountId, request.tlsPublicKey)
  if (holder !== undefined) return destinationTaken(request, holder, known)
  const requestId = requestIdOf(request, known.approval?.firstSeenMs ?? view.block.timestampMs)
  const withheld = approvalDecision(view, request, requestId, known)
  if (withheld?.kind === 'refuse') return withheld
  if (snapshot === undefined) return nothingToRestore(keyset, participantId, known.snapshots)
  const shown = request.claim === 'recovery' ? request.delivered : null
  const delivered = shown?.keysetDigest === keysetDigest(keyset)
  if (sentLately(view, requestId, delivered ? shown.atMs : undefined, known))
    return { kind: 'idle', reason: 'awaiting-conclusion' }
  return (
    registrationRefusal(view, known) ??
    withheld ??
    atNode(request.url, request.tlsPublicKey, known.keysharesPort, (destination) => ({
      kind: 'restore',
      claim: request.claim,
      keyset,
      participantId,
      destination,
      snapshot,
      request: requestId,
      finish: finishOf(request, delivered, view, known.network),
    }))
  )
}

function isPaused(request: RestoreRequest): boolean {
  return request.claim === 'migration' && request.standing === 'paused'
}

function finishOf(request: RestoreRequest, delivered: boolean, view: ContractView, network: Network): Finish {
  const confirmation = network.confirmationOf(request.claim)
  switch (confirmation) {
    case 'call':
      return delivered ? { kind: 'none' } : { kind: 'call' }
    case 'read-back':
      return { kind: 'read-back', keyset: concludedKeysetJson(view.stateJson) }
    default:
      confirmation satisfies never
      throw new TypeError('unknown confirmation')
  }
}

function backup(
  view: ContractView,
  keyset: Keyset,
  { participantId, info }: Participant,
  known: Known,
  awaited: string | null,
): Decision {
  return (
    registrationRefusal(view, known) ??
    atNode(info.url, info.tls_public_key, known.keysharesPort, (node) => ({
      kind: 'backup',
      keyset,
      participantId,
      node,
      awaited,
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

/** The newest usable snapshot that alone covers the keyset for this participant. */
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

/** Why the restore that is asked for may not be made now; undefined where it may. */
function approvalDecision(
  view: ContractView,
  { claim }: RestoreRequest,
  request: RequestId,
  known: Known,
): Decision | undefined {
  const facts = known.approval ?? NOT_CONSULTED
  const approval = approvalOf(request, facts, view.block.timestampMs)
  const { destination } = request
  switch (approval.kind) {
    case 'granted':
      return undefined
    case 'held':
      return { kind: 'hold', destination, untilMs: approval.untilMs }
    case 'denied':
      return {
        kind: 'refuse',
        code: 'RESTORE_DENIED',
        message: denied(destination, known.network.howToWithdraw(claim)),
      }
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

function denied(destination: Ed25519KeyText, howToWithdraw: string): string {
  return (
    `the operator denied the restore to ${destination}, and it is not made; if nobody of yours asked for it, your full-access ` +
    `key is stolen: replace it, then ${howToWithdraw}; the snapshots stay as they are`
  )
}

/** `shownMs` is when the contract says that these very shares were delivered, by block time. */
function sentLately(view: ContractView, request: RequestId, shownMs: number | undefined, known: Known): boolean {
  const own = known.lastDelivery
  const ours = own !== undefined && sameRequest(own.request, request) ? own : undefined
  const newest = Math.max(ours?.atMs ?? -Infinity, shownMs ?? -Infinity)
  const patienceMs = Math.min(REDELIVER_AFTER_MS * 2 ** ((ours?.times ?? 1) - 1), REDELIVER_AT_LEAST_EVERY_MS)
  return view.block.timestampMs - newest < patienceMs
}

function registrationRefusal(view: ContractView, known: Known): Decision | undefined {
  const found = view.migrationInfo[known.accountId]?.[0]?.public_key
  if (found === known.ownTlsKey) return undefined
  return {
    kind: 'refuse',
    code: 'NOT_REGISTERED',
    message:
      `${known.accountId}'s node answers the registered backup service only: found ${found ?? 'none'} in the contract, ` +
      `this one is ${known.ownTlsKey}; ${known.network.howToRegister(known.accountId, known.ownTlsKey)}`,
  }
}

function atNode(url: string, key: Ed25519KeyText, port: number, act: (node: NodeAddress) => Decision): Decision {
  try {
    return act(nodeAddress(url, key, port))
  } catch (error) {
    return { kind: 'refuse', code: 'NODE_URL_INVALID', message: errorMessage(error) }
  }
}

function awaitedInVain(
  { tlsPublicKey }: RestoreRequest,
  keyset: Keyset,
  participantId: number,
  snapshots: readonly Snapshot[],
): string {
  return (
    `the new node ${tlsPublicKey} waits for shares that no snapshot has: ${lackOf(keyset, participantId, snapshots)}; they are ` +
    'fetched from the present node first; if that is lost, put the right repository back'
  )
}

function nothingToRestore(keyset: Keyset, participantId: number, snapshots: readonly Snapshot[]): Decision {
  return {
    kind: 'refuse',
    code: 'NOTHING_TO_RESTORE',
    message:
      `cannot restore: ${lackOf(keyset, participantId, snapshots)}; put the right repository back, or ask governance to ` +
      'reshare this operator out',
  }
}

/** What the live keyset has and no snapshot does. */
function lackOf(keyset: Keyset, participantId: number, snapshots: readonly Snapshot[]): string {
  const own = snapshots.filter((snapshot) => snapshot.participantId === participantId)
  const { missing, nearest } = nearestTo(keyset, own)
  const held = [...new Set(own.map(({ epochId }) => epochId))].join(', ')
  return (
    `the live keyset of epoch ${keyset.epoch_id} has ${keyset.domains.length} domains, ` +
    `${nearest === undefined ? 'no snapshot has any of them' : `the nearest snapshot ${nearest} lacks some`}; ` +
    `missing: ${missing.map(domainName).join(', ')}; held: ${held === '' ? 'none' : `epoch ${held}`}`
  )
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

function destinationTaken(
  { claim, tlsPublicKey }: RestoreRequest,
  holder: string,
  { network, accountId }: Known,
): Decision {
  return {
    kind: 'refuse',
    code: 'DESTINATION_TAKEN',
    message:
      `cannot restore: the contract names ${tlsPublicKey} as the new node of ${accountId}, and that is the TLS key of ${holder}, ` +
      `which must not get its shares; ${network.howToWithdraw(claim)}, and name the new node's own key`,
  }
}

function inconsistentRecord(named: number, participantId: number): Decision {
  return {
    kind: 'refuse',
    code: 'RECORD_INCONSISTENT',
    message:
      `cannot restore: the recovery record names participant ${named}, the previous running state ` +
      `${participantId}; check that every RPC endpoint serves the right contract`,
  }
}

function workKey(keyset: Keyset): string {
  return `${keysetDigest(keyset)} ${keyset.domains.map(({ commitments }) => commitments?.join() ?? '-').join(' ')}`
}

function addressKey({ host, port, tlsPublicKey }: NodeAddress): string {
  return `${host}:${port} ${tlsPublicKey}`
}
