import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { coverage } from '@holdfast/protocol/coverage.ts'
import type { Held, Ledger } from './ledger.ts'
import { storedKeys } from './snapshot.ts'

/** What an agreed, final and fresh view of the contract shows, as far as it matters to what may go. */
export type LiveView = {
  keyset: Keyset
  /** Undefined where this operator does not take part any more. */
  participantId: number | undefined
  blockHeight: bigint
  blockTimeMs: number
}

/** Why a snapshot stays or goes. */
export type Fate =
  /** It has a share of the live keyset: it never goes. */
  | { kind: 'live' }
  /** Of an epoch that this view does not know yet: the view is behind, or lies. */
  | { kind: 'ahead' }
  | { kind: 'grace'; supersededAtMs: number; untilMs: number }
  /** Its time is over, but the live keyset has no durable snapshot: nothing goes before it has. */
  | { kind: 'held-back'; supersededAtMs: number }
  | { kind: 'due'; supersededAtMs: number }

export type RetentionPlan = {
  fates: Map<string, Fate>
  /** Slots that this view shows superseded for the first time, and slots that it shows live once more. */
  superseded: string[]
  liveAgain: string[]
}

/**
 * What may go, by the chain and never by count. Superseded is what shares nothing with the live keyset and is of no later
 * epoch. Time is block time: the local clock decides nothing.
 * @param isDurable whether as many places hold a snapshot as must
 */
export function planRetention(
  ledger: Ledger,
  view: LiveView,
  graceMs: number,
  isDurable: (held: Held) => boolean,
): RetentionPlan {
  const plan: RetentionPlan = { fates: new Map(), superseded: [], liveAgain: [] }
  const isSafe = view.participantId === undefined || isCovered(ledger, view, view.participantId, isDurable)
  for (const [slot, held] of ledger.held) {
    const { keyset } = held.entry
    if (sharesAKey(keyset, view.keyset) || keyset.epoch_id > view.keyset.epoch_id) {
      plan.fates.set(slot, { kind: keyset.epoch_id > view.keyset.epoch_id ? 'ahead' : 'live' })
      if (held.supersededAtMs !== undefined) plan.liveAgain.push(slot)
      continue
    }
    if (held.supersededAtMs === undefined) plan.superseded.push(slot)
    const supersededAtMs = held.supersededAtMs ?? view.blockTimeMs
    const untilMs = supersededAtMs + graceMs
    if (view.blockTimeMs < untilMs) plan.fates.set(slot, { kind: 'grace', supersededAtMs, untilMs })
    else plan.fates.set(slot, { kind: isSafe ? 'due' : 'held-back', supersededAtMs })
  }
  return plan
}

function sharesAKey(mine: Keyset, live: Keyset): boolean {
  const held = coverage(live, storedKeys(mine))
  return held.kind === 'covered' || (held.kind === 'missing' && held.domains.length < live.domains.length)
}

function isCovered(
  { held }: Ledger,
  { keyset }: LiveView,
  participantId: number,
  isDurable: (held: Held) => boolean,
): boolean {
  return [...held.values()].some(
    (found) =>
      found.entry.participantId === participantId &&
      coverage(keyset, storedKeys(found.entry.keyset)).kind === 'covered' &&
      isDurable(found),
  )
}
