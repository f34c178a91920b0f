/** Where a recovering node gets its shares from; the operator's choice, `shares_from` in its configuration. */
export const SHARES_FROM = ['either', 'backup', 'peers'] as const
export type SharesFrom = (typeof SHARES_FROM)[number]

/** Which way a recovering node takes now, and why. */
export type Way =
  | { kind: 'backup'; why: string }
  | { kind: 'peers' }
  | { kind: 'waitForPeers'; have: number; needed: number; missing: string[] }

export type WayFacts = {
  choice: SharesFrom
  /** Whether the operator has registered a backup service, which brings shares without being asked. */
  hasBackupService: boolean
  waitedMs: number
  /** How long the backup service is waited for before others are asked, if both ways may be taken. */
  patienceMs: number
  /** The most helpers that any key of the keyset needs; undefined if some key cannot be repaired, and why. */
  needed: { helpers: number } | { unrepairable: string }
  /** Accounts that hold shares, and those of them that are connected. */
  helpers: readonly string[]
  connected: ReadonlySet<string>
}

/** Pure: the backup service first, for it bothers nobody; the other nodes where there is none or it does not come. */
export function decideWay(facts: WayFacts): Way {
  const { choice, hasBackupService, waitedMs, patienceMs, needed, helpers, connected } = facts
  if (choice === 'backup') return { kind: 'backup', why: 'shares_from says so' }
  if ('unrepairable' in needed) return { kind: 'backup', why: needed.unrepairable }
  if (choice === 'either' && hasBackupService && waitedMs < patienceMs) {
    return { kind: 'backup', why: `the backup service is given ${patienceMs / 1000} s before other nodes are asked` }
  }
  const missing = helpers.filter((account) => !connected.has(account))
  const have = helpers.length - missing.length
  return have >= needed.helpers ? { kind: 'peers' } : { kind: 'waitForPeers', have, needed: needed.helpers, missing }
}
