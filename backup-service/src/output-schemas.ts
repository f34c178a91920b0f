import * as v from 'valibot'
import { DELIVERIES } from './delivered.ts'
import { FINDING_KINDS } from './repository/findings.ts'
import { PLACE_STATES } from './repository/places-memory.ts'
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

const time = v.string()
const snapshot = v.strictObject({
  id: v.string(),
  epoch_id: u64,
  participant_id: v.number(),
  keyset_digest: digest,
  domains: v.array(v.strictObject({ domain_id: u64, attempt: u64 })),
  proved_genuine: v.boolean(),
  /** The same in words. */
  proof: v.string(),
  manifest: v.number(),
  data: v.strictObject({ file: v.string(), sha256: digest, bytes: v.number() }),
  key: v.strictObject({ file: v.string(), sha256: digest, bytes: v.number() }),
  recipients: v.array(v.string()),
  verified_at: time,
  /** Block time since which the contract has shown it superseded. */
  superseded_at: v.nullable(time),
  /** Where it is whole. */
  places: v.array(v.string()),
})
const place = v.strictObject({
  place: v.string(),
  state: v.picklist(PLACE_STATES),
  since: time,
  checked_at: v.nullable(time),
  reason: v.nullable(v.string()),
})
const finding = { place: v.string(), kind: v.picklist(FINDING_KINDS), file: v.string(), reason: v.string() }

/** `todo` is there unless all is well. */
const doctorFinding = v.variant('verdict', [
  v.strictObject({ check: v.string(), verdict: v.literal('well'), found: v.string() }),
  v.strictObject({
    check: v.string(),
    verdict: v.picklist(['doubtful', 'wrong']),
    found: v.string(),
    todo: v.string(),
  }),
])

/** What `holdfast backup COMMAND --json` prints, by the command's name; published below `schema/`. */
export const OUTPUT_SCHEMAS = {
  init: v.strictObject({
    public_key: key,
    signer_account_pk: key,
    /** Null where the contract could not be read. */
    network: v.nullable(v.string()),
    registered: v.boolean(),
    /** What registers it; empty where it is registered already. */
    near_cli: v.array(v.string()),
    imported: v.nullable(v.picklist(['imported', 'there already', 'not imported'])),
    findings: v.array(doctorFinding),
  }),
  status: v.object({ ...statusSchema.entries, running: v.boolean() }),
  doctor: v.array(doctorFinding),
  verify: v.strictObject(verificationSchema.entries),
  drill: v.strictObject({ ...drillSchema.entries, receipt: v.nullable(receiptSchema) }),
  restore: v.strictObject({
    epoch_id: u64,
    keyset_digest: digest,
    shares: v.number(),
    destination_tls_public_key: key,
    /** How sure it is that the node has them: it said so, the contract was told, or it has shown them. */
    delivery: v.picklist(DELIVERIES),
    proved_genuine: v.boolean(),
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
  list: v.strictObject({
    snapshots: v.array(snapshot),
    places: v.array(place),
    damaged: v.array(v.strictObject(finding)),
  }),
  show: v.strictObject({
    ...snapshot.entries,
    incidents: v.array(v.strictObject({ ...finding, at: time, mended: v.boolean() })),
  }),
  prune: v.strictObject({
    dry_run: v.boolean(),
    live_epoch_id: u64,
    snapshots: v.array(
      v.strictObject({
        id: v.string(),
        epoch_id: u64,
        fate: v.picklist(['live', 'ahead', 'grace', 'held-back', 'due']),
        superseded_at: v.nullable(time),
        /** When its grace time ends. */
        until: v.nullable(time),
      }),
    ),
    /** What was destroyed now; empty in a dry run. */
    destroyed: v.array(v.string()),
    /** Why destroying is not finished yet, by place. */
    unfinished: v.array(v.string()),
  }),
  export: v.strictObject({ directory: v.string(), files: v.number(), snapshots: v.number() }),
  approve: answer,
  deny: answer,
} as const satisfies Record<string, v.GenericSchema>
