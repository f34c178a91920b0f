import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { DELIVERIES } from '../delivered.ts'
import { ENDPOINT_STATES, ENDPOINT_TROUBLES } from '../freshness/endpoint-book.ts'
import { GRADES } from '../freshness/grade.ts'
import { CLAIMS } from '../network/claims.ts'
import { NOT_PROVABLE } from '../proof-words.ts'
import { PLACE_STATES } from '../repository/places-memory.ts'
import { checksSchema } from '../upkeep/checks.ts'
import { upkeepVerdict, type Backup } from './upkeep-verdict.ts'
import { NETWORK_LEVELS, SEVERITIES } from '../notify/severity.ts'

/**
 * `healthy`: the live keyset is backed up and verified. `waiting`: there is nothing to back up yet. `recovering`: this
 * operator's node is being given its shares. `degraded`: safe, but something wants attention. `critical`: losing the node
 * now would lose its share.
 */
export const LEVELS = ['healthy', 'waiting', 'recovering', 'degraded', 'critical'] as const
export type Level = (typeof LEVELS)[number]

const u64 = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.transform((x) => BigInt(x)),
)
const time = v.string()

export const statusSchema = v.object({
  format: v.literal('holdfast/backup-status/1'),
  /** The service's home directory, for the commands that are proposed. */
  home: v.string(),
  account_id: v.string(),
  contract_id: v.string(),
  tls_public_key: v.string(),
  /** When this was written, ISO 8601 in UTC, like every time here. */
  updated_at: time,
  level: v.picklist(LEVELS),
  /** What is safe and what is not, in one sentence. */
  summary: v.string(),
  /** What the operator should do, or null where nothing is asked of him. */
  to_do: v.nullable(v.string()),
  /** The decision on the newest view: backup, restore, or why neither. */
  doing: v.nullable(
    v.object({
      kind: v.picklist(['backup', 'restore', 'hold', 'idle', 'refuse']),
      reason: v.nullable(v.string()),
      code: v.nullable(v.string()),
    }),
  ),
  /** Whose contract it is, and its version: `holdfast`, `near-mpc 3.14.1`; null before it was read. */
  network: v.nullable(v.string()),
  view: v.nullable(v.object({ block_height: u64, block_hash: v.string(), block_time: time })),
  /** How far that view is trusted, by the age of its block: README, chapter "When the view grows old". */
  freshness: v.object({ grade: v.picklist(GRADES), since: time }),
  /** The keyset to back up: the live one, or while keys are generated those that are ready already. */
  live_keyset: v.nullable(v.object({ epoch_id: u64, keyset_digest: v.string(), domains: v.array(u64) })),
  /** Further keys are being generated: `live_keyset` grows with each. */
  generating: v.boolean(),
  /** A verified snapshot of exactly `live_keyset` is in the repository. */
  covered: v.boolean(),
  /** The contract names this service's TLS key as the operator's backup service. */
  registered: v.boolean(),
  /** What the operator does so that it names it; null where it does, and before the contract was read. */
  how_to_register: v.nullable(v.string()),
  /** The contract takes receipts of backups of `live_keyset`. */
  takes_receipts: v.boolean(),
  /** When the node last handed its shares out, and of which keyset; whether they were kept, `last_backup` says. */
  last_served: v.nullable(v.object({ keyset_digest: v.string(), at: time })),
  last_backup: v.nullable(
    v.object({
      epoch_id: u64,
      keyset_digest: v.string(),
      file: v.string(),
      /** The places that hold it whole. */
      places: v.array(v.string()),
      verified_at: time,
      /** False where the contract has no commitments, so that only the group key could be compared. */
      proved_genuine: v.boolean(),
    }),
  ),
  last_restore: v.nullable(
    v.object({
      epoch_id: u64,
      keyset_digest: v.string(),
      destination_tls_public_key: v.string(),
      delivered_at: time,
      claim: v.optional(v.picklist(CLAIMS), 'recovery'),
      /**
       * How sure it is that the node has the shares: it said so (`said`), the contract was told (`confirmed`), or it has shown
       * them (`read-back`); null while that is being found out.
       */
      delivery: v.optional(v.nullable(v.picklist(DELIVERIES)), null),
      /** Block time of the first delivery for the request that is still open; null where none is. */
      waiting_since: v.optional(v.nullable(time), null),
      /** The contract shows the destination as this operator's node. */
      concluded: v.boolean(),
    }),
  ),
  /** The node was sent its shares so long ago (block time) that something hinders it; what to look at then. Null where it is not late. */
  overdue: v.optional(v.nullable(v.object({ since: time, look_at: v.string() })), null),
  /** The newest failure; `resolved` once the service got on after it. */
  last_error: v.nullable(
    v.object({ code: v.string(), message: v.string(), at: time, times: v.number(), resolved: v.boolean() }),
  ),
  /** Every RPC endpoint, by host; `times` counts how often it fell into each trouble since the service started. */
  endpoints: v.array(
    v.object({
      endpoint: v.string(),
      state: v.picklist(ENDPOINT_STATES),
      since: time,
      detail: v.string(),
      times: v.record(v.picklist(ENDPOINT_TROUBLES), v.number()),
    }),
  ),
  /** What the contract says that all operators' backups are worth; null where it has no such view. */
  recoverability: v.nullable(v.object({ level: v.picklist(NETWORK_LEVELS), detail: v.string() })),
  /** Who is told, and whether that works. */
  notifications: v.array(
    v.object({
      name: v.string(),
      kind: v.string(),
      waiting: v.number(),
      sent: v.number(),
      failed: v.number(),
      last_sent: v.nullable(time),
      failing: v.nullable(v.object({ since: time, reason: v.string() })),
    }),
  ),
  /** What was last told, newest last, whether or not anybody could be reached. */
  notices: v.array(v.object({ at: time, level: v.picklist(SEVERITIES), title: v.string() })),
  snapshots: v.number(),
  /** The newest verification, drill and receipts, each null where there was none. */
  checks: checksSchema,
  /** Files in the repository that are no usable snapshot. They are never deleted. */
  damaged: v.array(
    v.object({
      place: v.string(),
      kind: v.string(),
      file: v.string(),
      reason: v.string(),
    }),
  ),
  /** Every place that the config names. `behind`: it lacks something that is being written; `failed`: it cannot be used. */
  places: v.array(
    v.object({ place: v.string(), state: v.picklist(PLACE_STATES), since: time, reason: v.nullable(v.string()) }),
  ),
  /** What was ever found wrong in a place, newest last; `mended` where it was put right. */
  incidents: v.array(
    v.object({
      place: v.string(),
      kind: v.string(),
      file: v.string(),
      reason: v.string(),
      at: time,
      mended: v.boolean(),
    }),
  ),
})

export type Status = v.InferOutput<typeof statusSchema>
/** All of a status but what `assess` concludes from it. */
export type Facts = Omit<Status, 'level' | 'summary' | 'to_do' | 'updated_at' | 'format'>

/** Reads a status file. @throws HoldfastError `STATUS_INVALID`, `INVALID_JSON` */
export function parseStatus(text: string, where: string): Status {
  const result = v.safeParse(statusSchema, parseJson(text, where))
  if (result.success) return result.output
  throw new HoldfastError(
    'STATUS_INVALID',
    `cannot read ${where}: at ${v.getDotPath(result.issues[0]) ?? 'the top'}; it is written anew by a running service`,
  )
}

const TOO_OLD = 'nothing new is started on a view of the contract as old as this one'

/** The digest of no keyset. */
const NO_KEYSET = ''

export type Assessment = Pick<Status, 'level' | 'summary' | 'to_do'>

/** What the facts mean to the operator: the worst that holds, and what helps against it. */
export function assess(facts: Facts): Assessment {
  const { doing, live_keyset, last_error } = facts
  const failure = last_error !== null && !last_error.resolved ? last_error.message : undefined
  if (doing === null) {
    return {
      level: facts.snapshots > 0 ? 'degraded' : 'waiting',
      summary: 'the contract has not been read yet',
      to_do: failure ?? null,
    }
  }
  const epoch = live_keyset === null ? 'no epoch' : sharesOf(live_keyset, facts.generating)
  const isFresh = facts.freshness.grade === 'normal'
  switch (doing.kind) {
    case 'refuse':
      return {
        level: facts.covered ? 'degraded' : 'critical',
        summary: facts.covered ? `the shares of ${epoch} are safe` : `the shares of ${epoch} are not backed up`,
        to_do: facts.covered ? doing.reason : withDamage(doing.reason, facts),
      }
    case 'backup':
      return {
        level: 'critical',
        summary: `the shares of ${epoch} are on the node only; ${isFresh ? 'a backup is under way' : TOO_OLD}`,
        to_do: [failure, doing.reason ?? undefined].filter((each) => each !== undefined).join('; ') || null,
      }
    case 'hold':
      return {
        level: 'recovering',
        summary: `the shares of ${epoch} are asked for, and held back`,
        to_do: doing.reason,
      }
    case 'restore':
      return {
        level: 'recovering',
        summary: `the shares of ${epoch} are ${isFresh ? 'being given back' : `asked for; ${TOO_OLD}`}`,
        to_do: failure ?? overdueAdvice(facts),
      }
    case 'idle':
      return assessIdle(facts, epoch, failure)
    default:
      doing.kind satisfies never
      throw new TypeError('unknown decision')
  }
}

function assessIdle(facts: Facts, epoch: string, failure: string | undefined): Assessment {
  if (facts.doing?.reason === 'awaiting-conclusion') {
    const summary = `the node has the shares of ${epoch} and has yet to conclude`
    return { level: 'recovering', summary, to_do: overdueAdvice(facts) }
  }
  if (!facts.covered)
    return { level: 'waiting', summary: waitingFor(facts.doing?.reason ?? null), to_do: failure ?? null }
  const verdict = upkeepVerdict(facts.checks, backupOf(facts))
  if (verdict.kind === 'unusable') {
    return {
      level: 'critical',
      summary: `the shares of ${epoch} are backed up, but ${verdict.summary}`,
      to_do: verdict.toDo,
    }
  }
  const concern = failure ?? concernOf(facts) ?? (verdict.kind === 'concern' ? verdict.toDo : undefined)
  const proof = facts.last_backup?.proved_genuine === false ? ` (${NOT_PROVABLE})` : ' and verified'
  const drilled = verdict.kind === 'sound' && verdict.drilled ? ', and were restored in a drill' : ''
  return {
    level: concern === undefined ? 'healthy' : 'degraded',
    summary: `the shares of ${epoch} are backed up${proof}${drilled}`,
    to_do: concern ?? null,
  }
}

function overdueAdvice({ overdue }: Facts): string | null {
  return overdue && `the node was first sent its shares at ${overdue.since} and does not conclude: ${overdue.look_at}`
}

/** What the checks of a repository have to speak of. */
export function backupOf({
  home,
  live_keyset,
  last_backup,
}: Pick<Facts, 'home' | 'live_keyset' | 'last_backup'>): Backup {
  const keysetDigest = live_keyset?.keyset_digest ?? NO_KEYSET
  return { home, keysetDigest, storedAt: last_backup?.keyset_digest === keysetDigest ? last_backup.verified_at : null }
}

function sharesOf({ epoch_id, domains }: NonNullable<Facts['live_keyset']>, generating: boolean): string {
  if (!generating) return `epoch ${epoch_id}`
  return `epoch ${epoch_id} that are ready (${domains.length === 1 ? 'domain' : 'domains'} ${domains.join(', ')}; more are being generated)`
}

function waitingFor(reason: string | null): string {
  return reason === 'not-participating'
    ? 'this account does not take part in the network, so there is nothing to back up'
    : 'the network has no concluded key yet, so there is nothing to back up'
}

/** A file that cannot be used may be the very one that is missed. */
function withDamage(reason: string | null, { damaged: [damage] }: Facts): string | null {
  return reason === null || damage === undefined ? reason : `${reason}; look at ${damage.file} too: ${damage.reason}`
}

const PLACE_WORDS = { ok: 'well', behind: 'not complete', failed: 'in trouble' }

function concernOf(facts: Facts): string | undefined {
  if (!facts.registered) {
    return `the contract does not name this backup service (${facts.tls_public_key}); ${facts.how_to_register}`
  }
  const place = facts.places.find(({ state }) => state !== 'ok')
  if (place !== undefined)
    return `the place ${place.place} is ${PLACE_WORDS[place.state]} since ${place.since}: ${place.reason}`
  const endpoint = facts.endpoints.find(({ state }) => state !== 'well')
  if (endpoint !== undefined) return `the RPC endpoint ${endpoint.endpoint}: ${endpoint.state}, ${endpoint.detail}`
  const deaf = facts.notifications.find(({ failing }) => failing !== null)
  if (deaf !== undefined) return `the notification target ${deaf.name} cannot be reached: ${deaf.failing?.reason}`
  const [damage] = facts.damaged
  return damage === undefined ? undefined : `look at ${damage.file} in ${damage.place}: ${damage.reason}`
}
