import { keysetDigest } from './keyset-digest.ts'
import type { Ledger } from './ledger.ts'
import type { Cryptography } from './ports.ts'
import type { LiveKeyset } from './types.ts'

/**
 * The keyset in the ledger is now live: what receipts are about is written down, so that a report and the view of them need
 * not read the keyset (40 KB with 10 keys of t = 60). To be called wherever a Running state with another keyset begins;
 * while keys are generated or reshared the previous one stays live.
 */
export function keysetGoesLive(ledger: Ledger, cryptography: Cryptography): void {
  const before = ledger.liveKeyset.exists() ? ledger.liveKeyset.read() : undefined
  const live = liveKeysetOf(ledger, cryptography)
  ledger.liveKeyset.write(live)
  // Receipts of another keyset count no more.
  if (before?.keyset_digest !== live.keyset_digest) ledger.receiptTimes.write({})
}

/** What there is to know of the ledger's keyset and the thresholds of its domains. */
export function liveKeysetOf(ledger: Ledger, cryptography: Cryptography): LiveKeyset {
  const keyset = ledger.keyset.read()
  // Domains without a key are those still to be generated, and stand last.
  const domains = ledger.domains.read().domains.slice(0, keyset.domains.length)
  return {
    epoch_id: keyset.epoch_id,
    keyset_digest: keysetDigest(keyset, cryptography),
    domains: domains.map(({ id, reconstruction_threshold }) => ({ domain_id: id, reconstruction_threshold })),
  }
}
