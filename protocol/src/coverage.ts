import type { KeyForDomain, Keyset } from './contract-state.ts'
import { publicKeyText } from './keyset-digest.ts'

/** What one stored, verified share stands for. */
export type StoredKey = { epochId: bigint; domain: KeyForDomain }

export type Coverage = { kind: 'no-live-keyset' } | { kind: 'covered' } | { kind: 'missing'; domains: KeyForDomain[] }

/**
 * Which domains of the live keyset have no stored share of the same epoch, domain, attempt, group key and commitments.
 * Comparing the attempt too matters: a share of a superseded attempt has the right epoch and key and is worthless.
 */
export function coverage(live: Keyset | undefined, stored: readonly StoredKey[]): Coverage {
  if (live === undefined || live.domains.length === 0) return { kind: 'no-live-keyset' }
  const held = new Set(stored.map(({ epochId, domain }) => identityOf(epochId, domain)))
  const domains = live.domains.filter((domain) => !held.has(identityOf(live.epoch_id, domain)))
  return domains.length === 0 ? { kind: 'covered' } : { kind: 'missing', domains }
}

function identityOf(epochId: bigint, { domain_id, attempt, key, commitments }: KeyForDomain): string {
  return JSON.stringify([String(epochId), String(domain_id), String(attempt), publicKeyText(key), commitments])
}
