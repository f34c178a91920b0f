import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { LIMITS } from '../limits.ts'
import type { Peer } from '../mesh/peer.ts'
import type { SigningKey } from './signing-key.ts'

/** Why a signer cannot be used in this request. */
export type Failure = { account: string; why: string }

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
 * The participants that are to sign beside this node: as many as the threshold wants, at random among those that are
 * connected, active and have not failed in this request; who failed lately only where the others are too few.
 * @throws HoldfastError `TOO_FEW_SIGNERS`, naming everyone who is missing and why
 */
export function chooseSigners(
  key: SigningKey,
  connected: Peer[],
  failed: Map<number, Failure>,
  lately: RecentFailures,
): number[] {
  const { active } = key.participation
  const up = new Set(connected.map(({ participantId }) => participantId))
  const usable = active.map(({ participantId }) => participantId).filter((id) => up.has(id) && !failed.has(id))
  const needed = key.share === undefined ? key.threshold : key.threshold - 1
  const trusted = shuffled(usable.filter((id) => !lately.has(id)))
  const doubtful = shuffled(usable.filter((id) => lately.has(id)))
  if (usable.length >= needed) return [...trusted, ...doubtful].slice(0, needed)
  throw tooFew(key, usable.length, up, failed)
}

/** The account of a participant id, for messages. */
export function accountOf({ participation }: SigningKey, id: number): string {
  return participation.participants.find(({ participantId }) => participantId === id)?.accountId ?? `participant ${id}`
}

function tooFew(key: SigningKey, usable: number, up: Set<number>, failed: Map<number, Failure>): HoldfastError {
  const { active, recovering } = key.participation
  const missing = active
    .filter(({ participantId }) => !up.has(participantId) && !failed.has(participantId))
    .map(({ accountId }) => `${accountId} (not connected)`)
  const failures = [...failed.values()].map(({ account, why }) => `${account} (${why})`)
  const own = key.share === undefined ? [`${key.participation.self.accountId} (holds no share)`] : []
  const absent = [...own, ...missing, ...recovering.map((account) => `${account} (recovering)`), ...failures].join(', ')
  return new HoldfastError(
    'TOO_FEW_SIGNERS',
    `cannot sign with domain ${key.key.domain_id}: ${usable + (key.share === undefined ? 0 : 1)} of the ${key.threshold} signers needed are there; missing: ${absent}; bring them back or wait for their recovery`,
  )
}

function shuffled(ids: number[]): number[] {
  return ids
    .map((id) => ({ id, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ id }) => id)
}
