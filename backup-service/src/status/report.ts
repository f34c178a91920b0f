import { dirname, resolve } from 'node:path'
import { concludedKeyset } from '@holdfast/protocol/concluded-keyset.ts'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView, EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'
import { coveringSnapshotOf, type Decision } from '../decide.ts'
import {
  endpointDetail,
  endpointState,
  newEndpointRecord,
  withEndpointEvent,
  type EndpointState,
} from '../freshness/endpoint-book.ts'
import type { Grade } from '../freshness/grade.ts'
import type { Network } from '../network/port.ts'
import type { NetworkFacts } from '../notify/network-view.ts'
import type { NotifierFacts } from '../notify/notifier.ts'
import type { ProbeReport } from '../freshness/probe-endpoints.ts'
import type { Contents } from '../repository/repository.ts'
import type { Snapshot } from '../repository/snapshot.ts'
import type { Restore, Restored } from '../restore.ts'
import { NO_CHECKS, type Checks } from '../upkeep/checks.ts'
import { overdueIn } from './overdue.ts'
import { assess, type Facts, type Status } from './status.ts'

/** A status that says nothing new is written again this often, so that a reader can tell a stopped service. */
export const HEARTBEAT_MS = 10_000

/** The status shows the newest of what was ever wrong in a place; `holdfast backup show` has all that is remembered. */
const MOST_INCIDENTS = 10

/** Gathers what the service learns, and keeps the status file true. Never throws: a status is not worth a backup. */
export type Report = {
  view(view: ContractView, network: Network): void
  grade(grade: Grade): void
  decision(decision: Decision, snapshots: readonly Snapshot[]): void
  contents(contents: Contents): void
  checks(checks: Checks): void
  /** @returns how the endpoint is with that */
  endpoint(event: EndpointEvent | ProbeReport): EndpointState
  /** The node handed out the shares of the keyset with this digest. */
  served(keysetDigest: string): void
  recoverability(found: NetworkFacts): void
  notifications(state: NotifierFacts): void
  succeeded(): void
  /** The node answered 200. */
  delivered(work: Restore): void
  /** That restore is over, and this is what is known of it; `times` counts those for the same request. */
  restored(work: Restore, restored: Restored, times: number): void
  failed(error: unknown, source: FailureSource): void
  /** Writes the last word. */
  close(): Promise<void>
}

/** Where a failure came from: only the same source can settle it. */
export type FailureSource = 'chain' | 'freshness' | 'work' | 'repository'

export type ReportOptions = {
  file: string
  accountId: string
  contractId: string
  ownTlsKey: Ed25519KeyText
  /** The configured RPC endpoints, by the names that their events carry. */
  endpoints: readonly string[]
  /** What an earlier run left; its last restore is kept. */
  earlier: Status | undefined
  onWriteError: (error: unknown) => void
  /** Told of the facts whenever there may be news in them. */
  onFacts?: (facts: Facts) => void
}

export function createReport(options: ReportOptions): Report {
  const { file, accountId, contractId, ownTlsKey, earlier, onWriteError } = options
  const home = resolve(dirname(file))
  let facts: Facts = {
    home,
    account_id: accountId,
    contract_id: contractId,
    tls_public_key: ownTlsKey,
    doing: null,
    network: null,
    view: null,
    freshness: { grade: 'unseen', since: isoTime(Date.now()) },
    live_keyset: null,
    generating: false,
    covered: false,
    registered: false,
    how_to_register: null,
    takes_receipts: false,
    last_served: earlier?.last_served ?? null,
    last_backup: null,
    last_restore: earlier?.last_restore ?? null,
    overdue: null,
    last_error: earlier?.last_error ?? null,
    endpoints: [],
    recoverability: null,
    notifications: [],
    notices: [],
    snapshots: 0,
    checks: NO_CHECKS,
    damaged: [],
    places: [],
    incidents: [],
  }
  const endpoints = new Map(options.endpoints.map((name) => [name, newEndpointRecord(name, Date.now())] as const))
  let seen: ContractView | undefined
  let written = ''
  let writtenAt = 0
  let writing: Promise<void> = Promise.resolve()
  let queued = false
  let closed = false
  /** The source of the newest failure, while it is open. */
  let open: FailureSource | undefined

  function update(change: Partial<Facts>): void {
    facts = { ...facts, ...change, endpoints: endpointFacts() }
    options.onFacts?.(facts)
    if (closed || queued || (material(facts) === written && Date.now() - writtenAt < HEARTBEAT_MS)) return
    queued = true
    writing = writing.then(write)
  }

  async function write(): Promise<void> {
    queued = false
    written = material(facts)
    writtenAt = Date.now()
    const status = { format: 'holdfast/backup-status/1', updated_at: isoTime(writtenAt), ...assess(facts), ...facts }
    await writeDurably(file, `${stringifyJson(status, 2)}\n`).catch(onWriteError)
  }

  function failed(error: unknown, source: FailureSource): void {
    const message = errorMessage(error)
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'FAILURE'
    const last = facts.last_error
    const same = last !== null && !last.resolved && last.code === code && last.message === message
    open = source
    update({
      last_error: { code, message, at: isoTime(Date.now()), times: same ? last.times + 1 : 1, resolved: false },
    })
  }

  function settled(source: FailureSource): Pick<Facts, 'last_error'> {
    if (open === source) open = undefined
    const { last_error } = facts
    return { last_error: last_error !== null && open === undefined ? { ...last_error, resolved: true } : last_error }
  }

  return {
    view(view, network) {
      seen = view
      const { height, hash, timestampMs } = view.block
      const keyset = concludedKeyset(view.state)
      const request = network.restoreRequest(view, accountId)
      const last_restore = settledRestore(view, request)
      const isRegistered = view.migrationInfo[accountId]?.[0]?.public_key === ownTlsKey
      update({
        network: network.label,
        view: { block_height: height, block_hash: hash, block_time: isoTime(timestampMs) },
        live_keyset:
          keyset === undefined
            ? null
            : {
                epoch_id: keyset.epoch_id,
                keyset_digest: keysetDigest(keyset),
                domains: keyset.domains.map(({ domain_id }) => domain_id),
              },
        generating: view.state.kind === 'Initializing',
        registered: isRegistered,
        how_to_register: isRegistered ? null : network.howToRegister(accountId, ownTlsKey),
        takes_receipts: network.takesReceipts(view),
        last_restore,
        overdue: overdueIn(view, request, last_restore, network),
        ...settled('chain'),
      })
    },
    grade({ kind }) {
      update({
        ...(kind !== facts.freshness.grade && { freshness: { grade: kind, since: isoTime(Date.now()) } }),
        ...(kind === 'normal' && settled('freshness')),
      })
    },
    decision(decision, snapshots) {
      update({
        doing: {
          kind: decision.kind,
          reason: reasonOf(decision, home),
          code: decision.kind === 'refuse' ? decision.code : null,
        },
        covered: seen !== undefined && coveringSnapshotOf(seen, accountId, snapshots) !== undefined,
        ...(decision.kind === 'idle' && settled('work')),
      })
    },
    contents({ snapshots, damaged, places, incidents }) {
      const newest = snapshots.at(-1)
      update({
        snapshots: snapshots.length,
        damaged: damaged.map(({ place, kind, file, reason }) => ({ place, kind, file, reason })),
        places: places.map(({ place, state, sinceMs, reason }) => ({ place, state, since: isoTime(sinceMs), reason })),
        incidents: incidents.slice(-MOST_INCIDENTS).map(({ place, kind, file, reason, atMs, mended }) => ({
          place,
          kind,
          file,
          reason,
          at: isoTime(atMs),
          mended,
        })),
        ...settled('repository'),
        last_backup:
          newest === undefined
            ? null
            : {
                epoch_id: newest.epochId,
                keyset_digest: newest.keysetDigest,
                file: newest.data.file,
                places: newest.places,
                verified_at: isoTime(newest.verifiedAtMs),
                proved_genuine: newest.provedGenuine,
              },
      })
    },
    checks: (checks) => update({ checks }),
    endpoint(event) {
      const now = Date.now()
      const known = endpoints.get(event.endpoint) ?? newEndpointRecord(event.endpoint, now)
      const record = withEndpointEvent(known, event, now)
      endpoints.set(event.endpoint, record)
      update({})
      return endpointState(record, now).state
    },
    served: (digest) => update({ last_served: { keyset_digest: digest, at: isoTime(Date.now()) } }),
    recoverability: (found) => update({ recoverability: found }),
    notifications({ targets, recent }) {
      update({
        notifications: targets.map(({ lastSentMs, failing, ...target }) => ({
          ...target,
          last_sent: lastSentMs === null ? null : isoTime(lastSentMs),
          failing: failing === null ? null : { since: isoTime(failing.sinceMs), reason: failing.reason },
        })),
        notices: recent.map(({ atMs, severity, title }) => ({ at: isoTime(atMs), level: severity, title })),
      })
    },
    failed,
    succeeded: () => update(settled('work')),
    delivered({ claim, keyset, destination }) {
      const { last_restore: last } = facts
      const isAgain = last?.destination_tls_public_key === destination.tlsPublicKey
      const nowByBlock = isoTime(seen?.block.timestampMs ?? Date.now())
      update({
        last_restore: {
          epoch_id: keyset.epoch_id,
          keyset_digest: keysetDigest(keyset),
          destination_tls_public_key: destination.tlsPublicKey,
          claim,
          delivered_at: isoTime(Date.now()),
          delivery: null,
          waiting_since: (isAgain ? last.waiting_since : null) ?? nowByBlock,
          concluded: false,
        },
      })
    },
    restored: (_, { delivery }) => update({ last_restore: facts.last_restore && { ...facts.last_restore, delivery } }),
    async close() {
      closed = true
      await writing
      await write()
    },
  }

  /** Anew each time: what flapped gets well by the time that passes. */
  function endpointFacts(): Facts['endpoints'] {
    const now = Date.now()
    return [...endpoints.values()].map((record) => {
      const { state, sinceMs } = endpointState(record, now)
      return {
        endpoint: record.endpoint,
        state,
        since: isoTime(sinceMs),
        detail: endpointDetail(record, now),
        times: record.times,
      }
    })
  }

  function settledRestore(view: ContractView, request: ReturnType<Network['restoreRequest']>): Facts['last_restore'] {
    const { last_restore } = facts
    if (last_restore === null || last_restore.concluded) return last_restore
    // A request for another node may follow before the conclusion was looked at.
    if (request?.tlsPublicKey === last_restore.destination_tls_public_key) return last_restore
    const key = participantOf(view.state, accountId)?.info.tls_public_key
    return { ...last_restore, waiting_since: null, concluded: key === last_restore.destination_tls_public_key }
  }
}

/** A status without what changes with every block or try: equal where there is nothing new to write. */
function material(facts: Facts): string {
  return stringifyJson({ ...facts, view: null, last_error: { ...facts.last_error, at: null, times: null } })
}

function reasonOf(decision: Decision, home: string): string | null {
  switch (decision.kind) {
    case 'idle':
      return decision.reason
    case 'hold':
      return (
        `a restore to ${decision.destination} waits until ${isoTime(decision.untilMs)}; if that is your new node: holdfast ` +
        `backup approve --home ${home} --destination-key ${decision.destination}; if not: holdfast backup deny --home ${home} ` +
        `--destination-key ${decision.destination}`
      )
    case 'refuse':
      return decision.message
    case 'backup':
      return decision.awaited
    case 'restore':
      return null
    default:
      decision satisfies never
      throw new TypeError('unknown decision')
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
