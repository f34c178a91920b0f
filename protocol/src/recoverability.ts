import * as v from 'valibot'
import type { Keyset } from './contract-state.ts'
import { nanoseconds, parseWith, u64 } from './contract-values.ts'
import type { Json } from './json.ts'
import { keysetDigest } from './keyset-digest.ts'

/**
 * Receipts of backups (protocol.md 2.5): what a backup service tells the contract, and what the contract makes of it.
 * Field names are the contract's; every u64 and every moment (Unix nanoseconds) is a bigint.
 */
const RECEIPT_KINDS = ['stored', 'drilled'] as const
/** `stored`: the ciphertext is in the repository and was proved again from there. `drilled`: a restore was rehearsed. */
export type ReceiptKind = (typeof RECEIPT_KINDS)[number]

const LEVELS = ['healthy', 'degraded', 'recovering', 'critical', 'unavailable'] as const
/** From good to bad (protocol.md 2.7). */
export type Level = (typeof LEVELS)[number]

const level = v.picklist(LEVELS)
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

const receipt = v.object({
  epoch_id: u64,
  keyset_digest: sha256Hex,
  ciphertext_sha256: sha256Hex,
  kind: v.picklist(RECEIPT_KINDS),
  at: nanoseconds,
})
const backupReceipts = v.record(v.string(), v.object({ stored: v.nullable(receipt), drilled: v.nullable(receipt) }))
const recoverability = v.object({
  level,
  epoch_id: u64,
  domains: v.array(
    v.object({
      domain_id: u64,
      reconstruction_threshold: count,
      participants: count,
      live: count,
      stored: count,
      drilled: count,
      level,
    }),
  ),
  operators: v.record(
    v.string(),
    v.object({ live: v.boolean(), stored_at: v.nullable(nanoseconds), drilled_at: v.nullable(nanoseconds) }),
  ),
})

/** The newest receipt of each kind, of each participant; of whichever keyset it was reported for. */
export type BackupReceipts = v.InferOutput<typeof backupReceipts>
export type BackupReceipt = v.InferOutput<typeof receipt>
/** Would the live keyset's keys survive the loss of machines? `stored_at` and `drilled_at` are of the live keyset only. */
export type Recoverability = v.InferOutput<typeof recoverability>

/** Reads the answer of the view `backup_receipts`. @throws HoldfastError `INVALID_STATE` */
export function parseBackupReceipts(json: Json): BackupReceipts {
  return parseWith(backupReceipts, json, "the contract's backup_receipts")
}

/** Reads the answer of the view `recoverability`. @throws HoldfastError `INVALID_STATE` */
export function parseRecoverability(json: Json): Recoverability {
  return parseWith(recoverability, json, "the contract's recoverability")
}

const updateVotes = v.record(v.string(), sha256Hex)
/** The SHA-256, in hex, of the code that each participant votes for. */
export type UpdateVotes = v.InferOutput<typeof updateVotes>

/** Reads the answer of the view `update_votes`. @throws HoldfastError `INVALID_STATE` */
export function parseUpdateVotes(json: Json): UpdateVotes {
  return parseWith(updateVotes, json, "the contract's update_votes")
}

/**
 * The arguments of `report_backup`, which the backup service's signer key calls without a deposit. `keyset` must be the one
 * that is live when the call arrives (`liveKeyset` of live-state.ts; while keys are generated the previous one, which the
 * contract then does not show); the contract answers `KEYSET_MISMATCH` to any other.
 */
export function backupReport(keyset: Keyset, kind: ReceiptKind, ciphertextSha256: string) {
  return {
    receipt: {
      epoch_id: keyset.epoch_id,
      keyset_digest: keysetDigest(keyset),
      ciphertext_sha256: ciphertextSha256,
      kind,
    },
  }
}
