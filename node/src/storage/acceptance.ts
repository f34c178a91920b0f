import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { equalBytes } from './equal-bytes.ts'
import type { StoredShare } from '../ports.ts'

/** The permanent shares: all of one epoch, by ascending domain id, each domain once. */
export type ShareSet = { epochId: bigint; shares: StoredShare[] }

/**
 * Decides whether `candidate` may replace what is stored (near/mpc's rules, and protocol.md 4): never an older epoch,
 * fewer domains, another attempt within the epoch, another group key for a domain, or another share for the same key.
 * Pure. Returns `unchanged` where both are the same.
 * @throws HoldfastError `SHARES_OLDER_EPOCH`, `SHARES_FEWER_DOMAINS`, `SHARES_OTHER_ATTEMPT`, `SHARES_OTHER_KEY`,
 *   `SHARE_CONFLICT`, `SHARES_INCONSISTENT`
 */
export function checkReplacement(stored: ShareSet | undefined, candidate: ShareSet): 'unchanged' | 'replace' {
  checkConsistent(candidate)
  if (stored === undefined) return 'replace'
  if (candidate.epochId < stored.epochId) {
    throw refusal('SHARES_OLDER_EPOCH', `found epoch ${candidate.epochId}, stored is epoch ${stored.epochId}`)
  }
  for (const old of stored.shares) {
    const domain = old.share.domainId
    const replacement = candidate.shares.find(({ share }) => share.domainId === domain)
    if (replacement === undefined) {
      throw refusal('SHARES_FEWER_DOMAINS', `domain ${domain} is stored and missing among the new ones`)
    }
    checkDomain(domain, old, replacement, candidate.epochId === stored.epochId)
  }
  const same = candidate.epochId === stored.epochId && candidate.shares.length === stored.shares.length
  return same ? 'unchanged' : 'replace'
}

function checkDomain(domain: bigint, old: StoredShare, replacement: StoredShare, sameEpoch: boolean): void {
  if (replacement.key !== old.key) {
    throw refusal('SHARES_OTHER_KEY', `domain ${domain} has the group key ${replacement.key}, stored is ${old.key}`)
  }
  if (!sameEpoch) return
  if (replacement.share.attemptId !== old.share.attemptId) {
    throw refusal(
      'SHARES_OTHER_ATTEMPT',
      `domain ${domain} is of attempt ${replacement.share.attemptId}, stored is attempt ${old.share.attemptId}`,
    )
  }
  if (!equalBytes(replacement.share.privateShare, old.share.privateShare)) {
    throw refusal('SHARE_CONFLICT', `domain ${domain} has another share than the stored one of the same attempt`)
  }
}

function checkConsistent({ epochId, shares }: ShareSet): void {
  const domains = new Set(shares.map(({ share }) => share.domainId))
  if (shares.length === 0) throw refusal('SHARES_INCONSISTENT', 'the set is empty')
  if (domains.size !== shares.length) throw refusal('SHARES_INCONSISTENT', 'a domain occurs twice')
  if (shares.some(({ share }) => share.epochId !== epochId)) {
    throw refusal('SHARES_INCONSISTENT', `not every share is of epoch ${epochId}`)
  }
}

function refusal(code: string, found: string): HoldfastError {
  return new HoldfastError(
    code,
    `cannot replace the stored key shares: ${found}; nothing was changed. If the stored ones are really obsolete, set ` +
      'up the node in a new home and let it recover',
  )
}
