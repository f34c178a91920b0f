import * as v from 'valibot'
import { statusSchema } from './status/status.ts'
import { drillSchema, receiptSchema, u64, verificationSchema } from './upkeep/checks.ts'

const key = v.pipe(v.string(), v.regex(/^ed25519:[1-9A-HJ-NP-Za-km-z]{43,44}$/))
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
/** Nanoseconds since the epoch, as the contract writes them. */
const nanoseconds = v.pipe(v.string(), v.regex(/^[0-9]{1,20}$/))

const answer = v.strictObject({
  destination_tls_public_key: key,
  requested_at: nanoseconds,
  verdict: v.picklist(['approved', 'denied']),
})

/** What `holdfast backup COMMAND --json` prints, by the command's name; published below `schema/`. */
export const OUTPUT_SCHEMAS = {
  init: v.strictObject({ public_key: key, signer_account_pk: key }),
  status: v.object({ ...statusSchema.entries, running: v.boolean() }),
  verify: v.strictObject(verificationSchema.entries),
  drill: v.strictObject({ ...drillSchema.entries, receipt: v.nullable(receiptSchema) }),
  restore: v.strictObject({
    epoch_id: u64,
    keyset_digest: digest,
    shares: v.number(),
    destination_tls_public_key: key,
  }),
  'import-near-mpc': v.strictObject({
    file: v.string(),
    epoch_id: u64,
    keyset_digest: digest,
    shares: v.number(),
    refused: v.array(v.strictObject({ file: v.string(), code: v.string(), reason: v.string() })),
  }),
  'test-alert': v.array(
    v.strictObject({ name: v.string(), kind: v.string(), reached: v.boolean(), reason: v.nullable(v.string()) }),
  ),
  approve: answer,
  deny: answer,
} as const satisfies Record<string, v.GenericSchema>
