import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { liveKeyset, participantOf } from '@holdfast/protocol/live-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { ContractView, EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'
import { coveringSnapshot, recoveryRecord, type Decision } from '../decide.ts'
import type { Contents } from '../repository/repository.ts'
import type { Snapshot } from '../repository/snapshot.ts'
import { assess, type Facts, type Status } from './status.ts'

/** A status that says nothing new is written again this often, so that a reader can tell a stopped service. */
export const HEARTBEAT_MS = 10_000

/** Gathers what the service learns, and keeps the status file true. Never throws: a status is not worth a backup. */
export type Report = {
  view(view: ContractView): void
  decision(decision: Decision, snapshots: readonly Snapshot[]): void
  contents(contents: Contents): void
  endpoint(event: EndpointEvent): void
  trouble(error: unknown): void
  succeeded(): void
  delivered(work: Extract<Decision, { kind: 'restore' }>): void
  failed(error: unknown): void
  /** Writes the last word. */
  close(): Promise<void>
}

export type ReportOptions = {
  file: string
  accountId: string
  contractId: string
  ownTlsKey: Ed25519KeyText
  /** What an earlier run left; its last restore is kept. */
  earlier: Status | undefined
  onWriteError: (error: unknown) => void
}

export function createReport(options: ReportOptions): Report {
  const { file, accountId, contractId, ownTlsKey, earlier, onWriteError } = options
  let facts: Facts = {
    account_id: accountId,
    contract_id: contractId,
    tls_public_key: ownTlsKey,
    doing: null,
    view: null,
    live_keyset: null,
    covered: false,
    registered: false,
    last_backup: null,
    last_restore: earlier?.last_restore ?? null,
    last_error: earlier?.last_error ?? null,
    endpoints: [],
    snapshots: 0,
    damaged: [],
  }
  let seen: ContractView | undefined
  let written = ''
  let writtenAt = 0
  let writing: Promise<void> = Promise.resolve()
  let queued = false
  /** The newest failure is one of reading the chain: the next view settles it, and nothing else does. */
  let blind = false

  function update(change: Partial<Facts>): void {
    facts = { ...facts, ...change }
    if (queued || (material(facts) === written && Date.now() - writtenAt < HEARTBEAT_MS)) return
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

  function failed(error: unknown): void {
    const message = errorMessage(error)
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'FAILURE'
    const same = facts.last_error?.code === code && facts.last_error.message === message && !facts.last_error.resolved
    const times = same && facts.last_error !== null ? facts.last_error.times + 1 : 1
    update({ last_error: { code, message, at: isoTime(Date.now()), times, resolved: false } })
  }

  function resolved(): Facts['last_error'] {
    return facts.last_error === null ? null : { ...facts.last_error, resolved: true }
  }

  return {
    view(view) {
      seen = view
      const { height, hash, timestampMs } = view.block
      const keyset = liveKeyset(view.state)
      update({
        view: { block_height: height, block_hash: hash, block_time: isoTime(timestampMs) },
        live_keyset:
          keyset === undefined
            ? null
            : {
                epoch_id: keyset.epoch_id,
                keyset_digest: keysetDigest(keyset),
                domains: keyset.domains.map(({ domain_id }) => domain_id),
              },
        registered: view.migrationInfo[accountId]?.[0]?.public_key === ownTlsKey,
        last_restore: settledRestore(view),
        ...(blind && { last_error: resolved() }),
      })
      blind = false
    },
    decision(decision, snapshots) {
      const keyset = seen === undefined ? undefined : liveKeyset(seen.state)
      const participant = seen === undefined ? undefined : participantOf(seen.state, accountId)
      update({
        doing: { kind: decision.kind, reason: reasonOf(decision) },
        covered:
          keyset !== undefined &&
          participant !== undefined &&
          coveringSnapshot(keyset, participant.participantId, snapshots) !== undefined,
        ...(decision.kind === 'idle' && !blind && { last_error: resolved() }),
      })
    },
    contents({ snapshots, damaged }) {
      const newest = snapshots.at(-1)
      update({
        snapshots: snapshots.length,
        damaged,
        last_backup:
          newest === undefined
            ? null
            : {
                epoch_id: newest.epochId,
                keyset_digest: newest.keysetDigest,
                file: `${newest.slot}.age`,
                verified_at: isoTime(newest.verifiedAtMs),
                proved_genuine: newest.provedGenuine,
              },
      })
    },
    endpoint({ endpoint, kind, detail }) {
      const others = facts.endpoints.filter((known) => known.endpoint !== endpoint)
      update({ endpoints: kind === 'recovered' ? others : [...others, { endpoint, kind, detail }] })
    },
    trouble(error) {
      failed(error)
      blind = true
    },
    failed(error) {
      failed(error)
      blind = false
    },
    succeeded: () => update({ last_error: resolved() }),
    delivered({ keyset, destination }) {
      update({
        last_error: resolved(),
        last_restore: {
          epoch_id: keyset.epoch_id,
          keyset_digest: keysetDigest(keyset),
          destination_tls_public_key: destination.tlsPublicKey,
          delivered_at: isoTime(Date.now()),
          concluded: false,
        },
      })
    },
    async close() {
      await writing
      await write()
    },
  }

  function settledRestore(view: ContractView): Facts['last_restore'] {
    const { last_restore } = facts
    if (last_restore === null || last_restore.concluded || recoveryRecord(view, accountId) !== undefined)
      return last_restore
    const key = participantOf(view.state, accountId)?.info.tls_public_key
    return { ...last_restore, concluded: key === last_restore.destination_tls_public_key }
  }
}

/** A status without what changes with every block or try: equal where there is nothing new to write. */
function material(facts: Facts): string {
  return stringifyJson({ ...facts, view: null, last_error: { ...facts.last_error, at: null, times: null } })
}

function reasonOf(decision: Decision): string | null {
  switch (decision.kind) {
    case 'idle':
      return decision.reason
    case 'refuse':
      return decision.message
    case 'backup':
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
