import type { Checks, Receipt, Verification } from './checks.ts'
import type { UpkeepTask } from './perform.ts'

export type UpkeepIntervals = { verifyMs: number; drillMs: number }

/** What is in force: the digest of the live keyset and the hash of the snapshot that a restore would take. */
export type Subject = { keysetDigest: string; ciphertextSha256: string; takesReceipts: boolean; sinceMs: number }

export type Due = { task: UpkeepTask; atMs: number }

/** While keys are generated one after the other, the contract's keyset changes again in a moment. */
export const REPORT_SETTLE_MS = 2_000
/** A new keyset is restored for a trial soon, and not in the minute in which all operators start or generate keys. */
export const DRILL_SETTLE_MS = 60_000
export const VERIFY_SETTLE_MS = 60_000
/** After a failure, of the act or of its result: it may be over, and nobody should have to wait a week to know. */
export const RETRY_MS = 3_600_000
export const REPORT_RETRY_MS = 600_000
/** A contract may learn to take receipts. */
const UNSUPPORTED_RETRY_MS = 86_400_000

/**
 * What comes next for the subject, and when: the receipt of a backup first, for governance counts on it; then the drill of a
 * keyset that was never restored for a trial; then what its interval asks for. `failedAtMs` is when a task last could not be
 * done at all. Pure. Times in milliseconds since the epoch.
 */
export function nextDue(
  { keysetDigest, ciphertextSha256, takesReceipts, sinceMs }: Subject,
  { verification, drill, receipts }: Checks,
  { verifyMs, drillMs }: UpkeepIntervals,
  failedAtMs: number,
): Due {
  const notBefore = failedAtMs + RETRY_MS
  const candidates: Due[] = []
  if (takesReceipts) {
    const next = nextReport(receipts.stored, keysetDigest, ciphertextSha256)
    if (next !== undefined)
      candidates.push({
        task: { kind: 'report' },
        atMs: Math.max(next, sinceMs + REPORT_SETTLE_MS, failedAtMs + REPORT_RETRY_MS),
      })
  }
  const drilled = drill?.keyset_digest === keysetDigest && drill.ciphertext_sha256 === ciphertextSha256
  const drillAt = drilled ? timeOf(drill) + (drill.failure === null ? drillMs : Math.min(drillMs, RETRY_MS)) : 0
  candidates.push({ task: { kind: 'drill' }, atMs: Math.max(drillAt, sinceMs + DRILL_SETTLE_MS, notBefore) })
  const verifyAt =
    verification === null ? 0 : timeOf(verification) + (isSound(verification) ? verifyMs : Math.min(verifyMs, RETRY_MS))
  candidates.push({
    task: { kind: 'verify', scope: 'all' },
    atMs: Math.max(verifyAt, sinceMs + VERIFY_SETTLE_MS, notBefore),
  })
  return candidates.reduce((first, each) => (each.atMs < first.atMs ? each : first))
}

/** True for a look at everything that found nothing wrong. A person's look at what is live does not stand for it. */
function isSound({ scope, failures, live }: Verification): boolean {
  return scope === 'all' && failures.length === 0 && live !== 'missing' && live !== 'failed'
}

/** When a receipt of this backup is to be reported; undefined where the contract has it. */
function nextReport(receipt: Receipt | null, keysetDigest: string, ciphertextSha256: string): number | undefined {
  if (receipt?.keyset_digest !== keysetDigest || receipt.ciphertext_sha256 !== ciphertextSha256) return 0
  switch (receipt.outcome) {
    case 'recorded':
      return undefined
    case 'unsupported':
      return timeOf(receipt) + UNSUPPORTED_RETRY_MS
    case 'failed':
      return timeOf(receipt) + REPORT_RETRY_MS
    default:
      receipt.outcome satisfies never
      throw new TypeError('unknown outcome')
  }
}

function timeOf({ at }: { at: string }): number {
  return Date.parse(at)
}
