import { backupOf, type Facts } from '../status/status.ts'
import { upkeepVerdict } from '../status/upkeep-verdict.ts'
import type { Alert } from './alert-book.ts'
import { SEVERITY_OF_LEVEL } from './severity.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A new keyset is backed up within seconds: only one that is not is news. */
const BACKUP_GRACE_MS = MINUTE
/** What heals itself within this time wakes nobody. */
const ENDPOINT_GRACE_MS = 5 * MINUTE
const FAILURE_GRACE_MS = 2 * MINUTE
const UNSEEN_GRACE_MS = 5 * MINUTE
const PLACE_GRACE_MS = 5 * MINUTE
const TARGET_GRACE_MS = 5 * MINUTE

/** Everything that the facts say and somebody should know, worst first. */
export function conditionsOf(facts: Facts): Alert[] {
  return [
    ...work(facts),
    ...registration(facts),
    ...freshness(facts),
    ...network(facts),
    ...upkeep(facts),
    ...repository(facts),
    ...places(facts),
    ...failure(facts),
    ...endpoints(facts),
    ...targets(facts),
  ]
}

function work({ doing, covered, live_keyset, account_id, overdue }: Facts): Alert[] {
  const epoch = live_keyset === null ? 'no epoch' : `epoch ${live_keyset.epoch_id}`
  if (doing === null) return []
  const reason = doing.reason ?? ''
  switch (doing.kind) {
    case 'hold':
      return [at('restore-held', 'critical', `a restore for ${account_id} waits for your yes or no`, reason)]
    case 'refuse':
      return refusal(doing.code, reason, covered, epoch)
    case 'backup':
      if (doing.reason !== null) return [at('cannot-restore', 'emergency', CANNOT_BE_GIVEN, reason, BACKUP_GRACE_MS)]
      return [
        at('not-backed-up', 'critical', notBackedUp(epoch), 'Losing the node now loses its share.', BACKUP_GRACE_MS),
      ]
    case 'restore':
      return late(overdue)
    case 'idle':
      return doing.reason === 'awaiting-conclusion' ? late(overdue) : []
    default:
      doing.kind satisfies never
      throw new TypeError('unknown decision')
  }
}

function refusal(code: string | null, reason: string, covered: boolean, epoch: string): Alert[] {
  if (code === 'RESTORE_DENIED')
    return [at('restore-denied', 'critical', 'a restore was asked for that you denied', reason)]
  if (code === 'NOT_REGISTERED' && covered) return []
  const isLost = code === 'NOTHING_TO_RESTORE' || code === 'RECORD_INCONSISTENT'
  if (isLost) return [at('cannot-restore', 'emergency', CANNOT_BE_GIVEN, reason)]
  return [
    at(
      'not-backed-up',
      'critical',
      covered ? 'the service refuses to act' : notBackedUp(epoch),
      reason,
      BACKUP_GRACE_MS,
    ),
  ]
}

function late(overdue: Facts['overdue']): Alert[] {
  if (overdue === null) return []
  const text = `First sent at ${overdue.since}: ${overdue.look_at}.`
  return [at('not-concluded', 'critical', 'the new node was sent its shares and does not conclude', text)]
}

const CANNOT_BE_GIVEN = 'the node asks for its shares and cannot be given them'

function notBackedUp(epoch: string): string {
  return `the shares of ${epoch} are on the node only`
}

function registration({ registered, doing, tls_public_key, how_to_register }: Facts): Alert[] {
  if (registered || doing === null || doing.reason === 'not-participating') return []
  const text = `The contract does not name this backup service (${tls_public_key}); ${how_to_register}`
  return [at('not-registered', 'critical', 'this backup service is not the registered one', text, MINUTE)]
}

function freshness({ freshness: { grade, since }, view }: Facts): Alert[] {
  const seen = view === null ? 'No view was agreed on yet.' : `The newest agreed block is of ${view.block_time}.`
  const text = `${seen} Since ${since}. Check this machine's clock and network, and what the status says of the RPC endpoints.`
  switch (grade) {
    case 'normal':
      return []
    case 'unseen':
      return [at('view-stale', 'critical', 'the contract cannot be read', text, UNSEEN_GRACE_MS)]
    case 'conservative':
      return [at('view-stale', 'warning', 'the view of the contract is old: nothing new is started', text)]
    case 'closed':
      return [at('view-stale', 'critical', 'the view of the contract is too old: everything is stopped', text)]
    default:
      grade satisfies never
      throw new TypeError('unknown grade')
  }
}

function network({ recoverability: found }: Facts): Alert[] {
  if (found === null || found.level === 'healthy') return []
  return [at('network', SEVERITY_OF_LEVEL[found.level], `the network is ${found.level}`, found.detail)]
}

/** A restore that a drill or a verification showed to be impossible is worse news than a file that looks odd. */
function upkeep(facts: Facts): Alert[] {
  const verdict = upkeepVerdict(facts.checks, backupOf(facts))
  switch (verdict.kind) {
    case 'unusable':
      return [at('not-restorable', 'critical', `the shares are backed up, but ${verdict.summary}`, verdict.toDo)]
    case 'concern':
      return [at('upkeep', 'warning', 'a check of the repository found something', verdict.toDo)]
    case 'sound':
      return []
    default:
      verdict satisfies never
      throw new TypeError('unknown verdict')
  }
}

function repository({ damaged }: Facts): Alert[] {
  const [first] = damaged
  if (first === undefined) return []
  const title = `${damaged.length} ${damaged.length === 1 ? 'file' : 'files'} in the repository cannot be used`
  return [at('repository-damaged', 'warning', title, `${first.file}: ${first.reason}`)]
}

function places({ places: all }: Facts): Alert[] {
  const isLastOne = all.every(({ state }) => state === 'failed')
  return all.flatMap(({ place, state, reason }) =>
    state === 'failed'
      ? [
          at(
            `place:${place}`,
            isLastOne ? 'critical' : 'warning',
            `the place ${place} cannot be used`,
            reason ?? '',
            PLACE_GRACE_MS,
          ),
        ]
      : [],
  )
}

function failure({ last_error, doing }: Facts): Alert[] {
  if (last_error === null || last_error.resolved || last_error.code === 'VIEW_STALE') return []
  const title = doing?.kind === 'restore' ? 'the restore does not succeed' : `it keeps failing with ${last_error.code}`
  return [
    at('failing', doing?.kind === 'restore' ? 'critical' : 'warning', title, last_error.message, FAILURE_GRACE_MS),
  ]
}

function endpoints({ endpoints: all }: Facts): Alert[] {
  return all.flatMap(({ endpoint, state, detail }) => {
    if (state === 'well') return []
    const graceMs = state === 'unreachable' || state === 'lagging' ? ENDPOINT_GRACE_MS : 0
    return [at(`endpoint:${endpoint}`, 'warning', `the RPC endpoint ${endpoint}: ${state}`, detail, graceMs)]
  })
}

function targets({ notifications }: Facts): Alert[] {
  return notifications.flatMap(({ name, failing }) =>
    failing === null
      ? []
      : [
          at(
            `target:${name}`,
            'warning',
            `the notification target ${name} cannot be reached`,
            failing.reason,
            TARGET_GRACE_MS,
          ),
        ],
  )
}

function at(key: string, severity: Alert['severity'], title: string, text: string, graceMs = 0): Alert {
  return { key, severity, title, text, graceMs }
}
