import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { monitoringSchema } from '@holdfast/protocol/monitoring/monitoring-config.ts'
import { notificationsSchema } from './notify/target-config.ts'
import type { FreshnessLimits } from './freshness/grade.ts'
import type { UpkeepIntervals } from './upkeep/schedule.ts'
import { quorumFault } from '@holdfast/protocol/rpc/quorum-size.ts'
import { ageIdentitySchema, recoveryRecipientSchema, type AgeIdentityConfig } from './age-identity-config.ts'
import { placeName, placeSchema, type PlaceConfig } from './place-config.ts'

/** near/mpc's guides put the migration service there; Holdfast's node serves its shares on the same port. */
export const DEFAULT_KEYSHARES_PORT = 8079
export const DEFAULT_POLL_INTERVAL_MS = 1_000
export const DEFAULT_MAX_VIEW_AGE_SECONDS = 300
/** With the defaults: 5 and 30 minutes. */
const CLOSED_TO_NORMAL = 6
export const DEFAULT_REPOSITORY = 'repository'
export const DEFAULT_AGE_IDENTITY = { kind: 'file', path: 'age-identity.txt' } as const satisfies AgeIdentityConfig
export const DEFAULT_GRACE_DAYS = 30

const accountId = v.pipe(v.string(), v.regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'a NEAR account id'), v.maxLength(64))
const path = v.pipe(v.string(), v.minLength(1))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** A longer wait than a recovery's default life time of a day would never end in a restore. */
const LONGEST_HOLD_MINUTES = 1_380

const approvalPolicy = v.variant('mode', [
  v.strictObject({ mode: v.literal('auto') }),
  v.strictObject({ mode: v.literal('hold'), minutes: v.pipe(positive, v.maxValue(LONGEST_HOLD_MINUTES)) }),
])

/** A year. */
const LONGEST_INTERVAL_HOURS = 8_760
const DEFAULT_VERIFY_INTERVAL_HOURS = 24
const DEFAULT_DRILL_INTERVAL_HOURS = 168
const MS_PER_HOUR = 3_600_000

const configSchema = v.pipe(
  v.strictObject({
    account_id: accountId,
    contract_id: accountId,
    /** What every endpoint must say that it follows, such as `mainnet`. */
    chain_id: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,60}$/, 'a chain id such as mainnet'))),
    /** NEAR JSON-RPC endpoints, not the MPC node's address. */
    rpc_urls: v.pipe(v.array(v.pipe(v.string(), v.check(isHttpUrl, 'an http:// or https:// URL'))), v.minLength(1)),
    /** How many of them must agree before anything is done: a majority. */
    rpc_quorum: positive,
    keyshares_port: v.pipe(positive, v.maxValue(65_535)),
    poll_interval_ms: v.pipe(positive, v.minValue(50)),
    max_view_age_seconds: positive,
    /** From here on what is under way stops too; six times `max_view_age_seconds` where it is left out. */
    closed_view_age_seconds: v.optional(positive),
    restore_approval: v.optional(approvalPolicy),
    /** How often every snapshot is opened and proved; 24 where it is left out. */
    verify_interval_hours: v.optional(v.pipe(positive, v.maxValue(LONGEST_INTERVAL_HOURS))),
    /** How often the live keyset is restored for a trial; 168 where it is left out. */
    drill_interval_hours: v.optional(v.pipe(positive, v.maxValue(LONGEST_INTERVAL_HOURS))),
    /** Where metrics and health are served; nowhere where it is left out. */
    monitoring: v.optional(monitoringSchema),
    /** Who is told what. */
    notifications: v.optional(notificationsSchema),
    /** One directory for the snapshots: short for `places` with only it. */
    repository: v.optional(path),
    /** Where the snapshots go: every one into each of them. */
    places: v.optional(v.pipe(v.array(placeSchema), v.minLength(1))),
    /** In how many of the places a snapshot must be, read back, before it counts as stored; left out: in all. */
    durable_copies: v.optional(positive),
    /** Left out: `age-identity.txt` in the home. */
    age_identity: v.optional(ageIdentitySchema),
    /** Who can open the snapshots beside the age identity. */
    recovery_recipients: v.optional(v.array(recoveryRecipientSchema)),
    /** How long superseded snapshots stay, and whether they are then destroyed without being told to. */
    retention: v.optional(v.strictObject({ grace_days: positive, automatic: v.boolean() })),
    /** 64 hex characters, the AES key shared with a near/mpc node. Without it the peer is a Holdfast node. */
    near_mpc_key_file: v.optional(path),
    /** That of the node that the account moves to, where it is another. Either may be the present node's. */
    near_mpc_new_node_key_file: v.optional(path),
  }),
  v.check(
    (c) => quorumFault(c.rpc_quorum, c.rpc_urls.length) === undefined,
    ({ input }) => `field "rpc_quorum": ${quorumFault(input.rpc_quorum, input.rpc_urls.length)}`,
  ),
  v.check(
    (c) => c.closed_view_age_seconds === undefined || c.closed_view_age_seconds > c.max_view_age_seconds,
    'field "closed_view_age_seconds": expected more than max_view_age_seconds',
  ),
  v.check(
    (c) => (c.repository === undefined) !== (c.places === undefined),
    'expected exactly one of the fields "repository" and "places"',
  ),
  v.check(
    (c) => new Set(c.places?.map(placeName)).size === (c.places ?? []).length,
    'field "places": one place is named twice',
  ),
  v.check(
    (c) => (c.durable_copies ?? 1) <= (c.places?.length ?? 1),
    'field "durable_copies": more than there are places',
  ),
)

/** The ages at which trust in a view ends. */
export function freshnessLimits(config: BackupConfig): FreshnessLimits {
  const { max_view_age_seconds: normal, closed_view_age_seconds: closed = CLOSED_TO_NORMAL * normal } = config
  return { normalMs: normal * 1_000, closedMs: closed * 1_000 }
}

/** How often the service verifies and drills by itself. */
export function upkeepIntervals(config: BackupConfig): UpkeepIntervals {
  const { verify_interval_hours: verify = DEFAULT_VERIFY_INTERVAL_HOURS } = config
  const { drill_interval_hours: drill = DEFAULT_DRILL_INTERVAL_HOURS } = config
  return { verifyMs: verify * MS_PER_HOUR, drillMs: drill * MS_PER_HOUR }
}

export type BackupConfig = v.InferOutput<typeof configSchema>

/** The places of a repository. */
export function placesOf({ repository, places }: Pick<BackupConfig, 'repository' | 'places'>): PlaceConfig[] {
  return places ?? [{ kind: 'directory', path: repository ?? DEFAULT_REPOSITORY }]
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/**
 * Checks a config, field by field.
 * @throws HoldfastError `CONFIG_INVALID` naming the unknown, missing or wrong field. Values are not quoted: a URL may
 * carry an API key.
 */
export function parseConfig(value: unknown, where: string): BackupConfig {
  const result = v.safeParse(configSchema, value)
  if (result.success) return result.output
  const issue = result.issues[0]
  const field = v.getDotPath(issue)
  throw new HoldfastError(
    'CONFIG_INVALID',
    `cannot use ${where}: ${complaint(issue, field)}; correct it and start again`,
  )
}

function complaint(issue: v.BaseIssue<unknown>, field: string | null): string {
  if (field === null) return issue.type === 'check' ? issue.message : `expected ${issue.expected ?? issue.message}`
  if (issue.expected === 'never') return `unknown field "${field}"`
  if (issue.input === undefined) return `missing field "${field}"`
  return `field "${field}": expected ${issue.expected ?? issue.message}`
}

/**
 * Reads `<home>/config.json`.
 * @throws HoldfastError `CONFIG_MISSING`, `CONFIG_UNREADABLE`, `CONFIG_INVALID`
 */
export async function readConfig(file: string): Promise<BackupConfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      throw new HoldfastError(
        'CONFIG_MISSING',
        `cannot start: ${file} does not exist; make it with: holdfast backup init`,
      )
    }
    throw new HoldfastError('CONFIG_UNREADABLE', `cannot read ${file} (${code}); check its owner and mode`)
  }
  return parseConfig(parseJson(text, file, 'CONFIG_INVALID'), file)
}
