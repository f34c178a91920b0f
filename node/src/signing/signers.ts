import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../mesh/peer.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * Why a signer cannot be used in this request: it failed or cheated; its policy does not allow the message; or it sees
 * another state of the contract, as nodes do for a moment after every change.
 */
export type Failure = { kind: 'failed' | 'declined' | 'otherView'; account: string; why: string }

/** Remembers for a while who failed, so that a peer that hangs does not cost every signature its deadline. */
export type RecentFailures = { note(id: number): void; forget(id: number): void; has(id: number): boolean }

export function createRecentFailures(now: () => number = Date.now): RecentFailures {
  const failedAtMs = new Map<number, number>()
  return {
    note: (id) => void failedAtMs.set(id, now()),
    forget: (id) => void failedAtMs.delete(id),
    has: (id) => now() - (failedAtMs.get(id) ?? -Infinity) < LIMITS.signerFailureMs,
  }
}

/**
 * The participants that are to sign beside this node and those that have agreed: as many more as the threshold wants, at
 * random among those that are connected, active and have neither failed nor declined in this request; who failed lately
 * only where the others are too few.
 * @throws HoldfastError `SIGNING_DECLINED` where those that declined would have been enough, `TOO_FEW_SIGNERS`; both name
 *   everyone who is missing and why
 */
export function chooseSigners(
  key: SigningKey,
  connected: Peer[],
  { agreed, failed }: { agreed: ReadonlySet<number>; failed: ReadonlyMap<number, Failure> },
  lately: RecentFailures,
): number[] {
  const { active } = key.participation
  const up = new Set(connected.map(({ participantId }) => participantId))
  const usable = active
    .map(({ participantId }) => participantId)
    .filter((id) => up.has(id) && !failed.has(id) && !agreed.has(id))
  const needed = (key.share === undefined ? key.threshold : key.threshold - 1) - agreed.size
  const trusted = shuffled(usable.filter((id) => !lately.has(id)))
  const doubtful = shuffled(usable.filter((id) => lately.has(id)))
  if (usable.length >= needed) return [...trusted, ...doubtful].slice(0, needed)
  throw tooFew(key, usable.length + agreed.size, up, failed)
}

/** The account of a participant id, for messages. */
export function accountOf({ participation }: SigningKey, id: number): string {
  return participation.participants.find(({ participantId }) => participantId === id)?.accountId ?? `participant ${id}`
}

function tooFew(
  key: SigningKey,
  others: number,
  up: ReadonlySet<number>,
  failures: ReadonlyMap<number, Failure>,
): HoldfastError {
  const { active, recovering, self } = key.participation
  const of = (kind: Failure['kind']) => [...failures.values()].filter((failure) => failure.kind === kind)
  const named = (list: Failure[]) => list.map(({ account, why }) => `${account} (${why})`)
  const absent = active
    .filter(({ participantId }) => !up.has(participantId) && !failures.has(participantId))
    .map(({ accountId }) => `${accountId} (not connected)`)
  const own = key.share === undefined ? [`${self.accountId} (holds no share)`] : []
  const missing = [
    ...own,
    ...absent,
    ...recovering.map((account) => `${account} (recovering)`),
    ...named(of('failed')),
    ...named(of('otherView')),
  ]
  const declined = of('declined')
  const there = others + (key.share === undefined ? 0 : 1)
  const act = `cannot sign with domain ${key.key.domain_id}`
  const needed = `of the ${key.threshold} signers needed`
  const lists = [
    ...(declined.length > 0 ? [`declined: ${named(declined).join(', ')}`] : []),
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
  ].join('; ')
  if (there + declined.length < key.threshold) {
    return new HoldfastError(
      'TOO_FEW_SIGNERS',
      `${act}: ${there} ${needed} are there; ${lists}; bring them back or wait for their recovery`,
    )
  }
  return new HoldfastError('SIGNING_DECLINED', `${act}: at most ${there} ${needed} agree; ${lists}; ${HOW_TO_AGREE}`)
}

const HOW_TO_AGREE =
  'who agrees says so on the machine of his own node, with "holdfast consent" or "holdfast sign", or has its policy allow it; then ask again'

function shuffled(ids: number[]): number[] {
  return ids
    .map((id) => ({ id, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id)
}
