import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'

/** What verifications, drills and reports to the contract came to, as `checks.json` keeps it: the newest of each. */

export const u64 = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.transform((x) => BigInt(x)),
)
const failure = v.object({ code: v.string(), message: v.string() })

/** ISO 8601 in UTC. */
const time = v.string()

export const verificationSchema = v.object({
  at: time,
  seconds: v.number(),
  /** `live`: the snapshot that a restore would use. `all`: every snapshot of the repository. */
  scope: v.picklist(['live', 'all']),
  /** The keyset that was live then; null where there was none. */
  keyset_digest: v.nullable(v.string()),
  epoch_id: v.nullable(u64),
  /**
   * Whether the shares of that keyset can be restored: `genuine` on its commitments, `matches-group-key` where the contract
   * has none, `missing` without a snapshot, `failed` with one that cannot be used, `none` without a keyset.
   */
  live: v.picklist(['genuine', 'matches-group-key', 'missing', 'failed', 'none']),
  snapshots: v.number(),
  shares: v.number(),
  /** Snapshots and other files that cannot be used. */
  failures: v.array(v.object({ file: v.string(), ...failure.entries })),
})

export const drillSchema = v.object({
  at: time,
  /** From the start of the throwaway node until its proofs were checked. */
  seconds: v.number(),
  epoch_id: u64,
  keyset_digest: v.string(),
  file: v.string(),
  ciphertext_sha256: v.string(),
  shares: v.number(),
  /** Whether the shares were proved genuine on the way; null where it failed, and in what earlier versions have written. */
  proved_genuine: v.optional(v.nullable(v.boolean()), null),
  /** Null for a drill that succeeded. */
  failure: v.nullable(failure),
})

export const receiptSchema = v.object({
  at: time,
  keyset_digest: v.string(),
  ciphertext_sha256: v.string(),
  /** `recorded`: the contract has it. `unsupported`: this contract takes no receipts. */
  outcome: v.picklist(['recorded', 'unsupported', 'failed']),
  failure: v.nullable(failure),
})

export const checksSchema = v.object({
  format: v.literal('holdfast/backup-checks/1'),
  verification: v.nullable(verificationSchema),
  drill: v.nullable(drillSchema),
  receipts: v.object({ stored: v.nullable(receiptSchema), drilled: v.nullable(receiptSchema) }),
})

export type Verification = v.InferOutput<typeof verificationSchema>
export type Drill = v.InferOutput<typeof drillSchema>
export type Receipt = v.InferOutput<typeof receiptSchema>
export type Checks = v.InferOutput<typeof checksSchema>

export const NO_CHECKS: Checks = {
  format: 'holdfast/backup-checks/1',
  verification: null,
  drill: null,
  receipts: { stored: null, drilled: null },
}

/** What the file holds. One that is missing or cannot be read counts as none: then everything is due again. */
export async function readChecks(file: string): Promise<Checks> {
  try {
    const result = v.safeParse(checksSchema, parseJson(await readFile(file, 'utf8'), file))
    return result.success ? result.output : NO_CHECKS
  } catch {
    return NO_CHECKS
  }
}

export async function writeChecks(file: string, checks: Checks): Promise<void> {
  await writeDurably(file, `${stringifyJson(checks, 2)}\n`)
}
