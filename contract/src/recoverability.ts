import { requireInitialized } from './call.ts'
import { writeJson } from './json.ts'
import { type Ledger, own } from './ledger.ts'
import type { ByAccount, Nanoseconds } from './types.ts'

/** From good to bad; a domain's is the first of `levelOf` that holds, the network's that of its worst domain. */
export const LEVELS = ['healthy', 'degraded', 'recovering', 'critical', 'unavailable'] as const
export type Level = (typeof LEVELS)[number]

/** How many of n participants are live, and of how many a receipt of the live keyset says that it is backed up. */
export interface Counts {
  participants: number
  live: number
  stored: number
  drilled: number
}

/** `stored_at`: when the last receipt of the live keyset came, of whichever kind; null without one. */
interface OperatorRecoverability {
  live: boolean
  stored_at: Nanoseconds | null
  drilled_at: Nanoseconds | null
}

/** The level of a domain that needs `t` shares (protocol.md 2.7). */
export function levelOf({ participants: n, live, stored, drilled }: Counts, t: number): Level {
  if (live < t) return 'unavailable'
  if (live === t && t < n) return 'critical'
  if (live < n) return 'recovering'
  return stored < n || drilled < n ? 'degraded' : 'healthy'
}

/**
 * `recoverability()`: per domain of the live keyset and for the network, would the keys survive the loss of machines? JSON
 * text. In Initializing, Resharing and Recovery the live keyset is the previous running one.
 */
export function recoverabilityText(ledger: Ledger): string {
  requireInitialized(ledger)
  const recovering = ledger.recovering.read()
  const keyset = ledger.liveKeyset.read()
  const times = ledger.receiptTimes.read()
  const operators: ByAccount<OperatorRecoverability> = {}
  const counts: Counts = { participants: 0, live: 0, stored: 0, drilled: 0 }
  for (const [account] of ledger.participants.read().participants) {
    const live = own(recovering, account) === undefined
    const [stored_at, drilled_at] = own(times, account) ?? [null, null]
    operators[account] = { live, stored_at, drilled_at }
    counts.participants += 1
    if (live) counts.live += 1
    if (stored_at !== null) counts.stored += 1
    if (drilled_at !== null) counts.drilled += 1
  }
  const domains = keyset.domains.map((domain) => ({
    ...domain,
    ...counts,
    level: levelOf(counts, domain.reconstruction_threshold),
  }))
  // Without a key there is nothing to lose, but somebody may be recovering all the same.
  const floor: Level = counts.live < counts.participants ? 'recovering' : 'healthy'
  const level = worst([floor, ...domains.map((domain) => domain.level)])
  return writeJson({ level, epoch_id: keyset.epoch_id, domains, operators })
}

/** `backup_receipts()`: `{account: {stored, drilled}}` of every participant, null what was never reported. JSON text. */
export function backupReceiptsText(ledger: Ledger): string {
  requireInitialized(ledger)
  const entries = ledger.participants
    .read()
    .participants.map(([account]) => `${JSON.stringify(account)}:${ledger.receiptsText(account)}`)
  return `{${entries.join(',')}}`
}

function worst(levels: Level[]): Level {
  return LEVELS[Math.max(...levels.map((level) => LEVELS.indexOf(level)))] as Level
}
