import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { changeLogger, type LogFields, type Logger } from '@holdfast/protocol/log.ts'
import type { Decision, Work } from './decide.ts'
import type { Grade } from './freshness/grade.ts'
import type { Network } from './network/port.ts'
import type { Damage } from './repository/repository.ts'
import { proofWords } from './proof-words.ts'
import type { CareResult } from './repository/care.ts'
import type { Snapshot } from './repository/snapshot.ts'
import type { Restored } from './restore.ts'

/** What the service logs: every change of what it does or suffers, once. */
export type ServiceLog = {
  /** Told with every view; at the start and when the contract has become another's or another version. */
  network(network: Network): void
  decided(decision: Exclude<Decision, Work>): void
  /** `stale` says what a grade below normal means. */
  graded(grade: Grade, stale: Error | undefined): void
  starting(work: Work): void
  backedUp(work: Work, snapshot: Pick<Snapshot, 'provedGenuine'>): void
  delivered(work: Work, restored: Restored): void
  failed(work: Work, error: unknown): void
  blind(error: unknown): void
  repositoryLost(error: unknown): void
  damaged(files: readonly Damage[]): void
  kept(result: CareResult): void
  unkept(error: unknown): void
}

const MOST_FILES = 100
const LONGEST_FILE = 200

export function createServiceLog(log: Logger): ServiceLog {
  const decisions = changeLogger(log)
  const troubles = changeLogger(log)
  const repository = changeLogger(log)
  const care = changeLogger(log)
  let graded: Grade['kind'] = 'unseen'
  let network: string | undefined
  return {
    network({ label }) {
      if (label === network) return
      if (network === undefined) log.info({ network: label }, 'the network is known')
      else log.warn({ network: label, was: network }, 'the contract was replaced by another version')
      network = label
    },
    decided(decision) {
      switch (decision.kind) {
        case 'idle':
          return decisions('info', 'nothing to do', { reason: decision.reason })
        case 'hold':
          return decisions('error', 'a restore waits for the operator', {
            destination_tls_key: decision.destination,
            until: new Date(decision.untilMs).toISOString(),
          })
        case 'refuse':
          return decisions('error', 'refused', { code: decision.code, reason: decision.message })
        default:
          decision satisfies never
          throw new TypeError('unknown decision')
      }
    },
    graded({ kind }, stale) {
      if (kind === graded) return
      graded = kind
      if (stale === undefined) log.info({ grade: kind }, 'the view of the contract is fresh')
      else log[kind === 'closed' ? 'error' : 'warn']({ grade: kind, err: stale }, 'the view of the contract is too old')
    },
    starting(work) {
      decisions('info', work.kind === 'backup' ? 'backing up' : 'restoring', fieldsOf(work))
    },
    backedUp(work, { provedGenuine }) {
      log.info({ ...fieldsOf(work), proof: proofWords(provedGenuine) }, 'the keyset is backed up')
    },
    delivered(work, { delivery, provedGenuine }) {
      log.info({ ...fieldsOf(work), delivery, proof: proofWords(provedGenuine) }, 'the shares are delivered')
    },
    failed(work, error) {
      const message = work.kind === 'backup' ? 'the backup did not succeed' : 'the restore did not succeed'
      troubles('warn', message, { ...fieldsOf(work), err: error })
    },
    blind(error) {
      troubles('warn', 'the contract cannot be read', { err: error })
    },
    repositoryLost(error) {
      repository('error', 'the repository cannot be read', { err: error })
    },
    kept({ incidents, takenOver, shredded, unfinished }) {
      for (const { place, file, kind, reason, mended } of incidents.slice(0, MOST_FILES)) {
        const message = mended ? 'something was wrong in a place and was mended' : 'something is wrong in a place'
        log.warn({ place, file, kind, reason, mended }, message)
      }
      if (takenOver.length > 0) log.info({ snapshots: takenOver }, 'snapshots were taken over')
      if (shredded.length > 0) log.info({ snapshots: shredded }, 'superseded snapshots are destroyed')
      if (unfinished.length > 0) care('warn', 'destroying is not finished everywhere', { places: unfinished })
    },
    unkept(error) {
      care('warn', 'the repository could not be looked after', { err: error })
    },
    damaged(files) {
      if (files.length === 0) return
      const names = files.slice(0, MOST_FILES).map(({ file, reason }) => `${file}: ${reason}`.slice(0, LONGEST_FILE))
      repository('warn', 'the repository holds files that cannot be used', { files: names })
    },
  }
}

function fieldsOf(work: Work): LogFields {
  const { host, port, tlsPublicKey } = work.kind === 'backup' ? work.node : work.destination
  return { ...keysetFields(work.keyset), node: `${host}:${port}`, node_tls_key: tlsPublicKey }
}

function keysetFields(keyset: Keyset): LogFields {
  return { epoch_id: keyset.epoch_id, domains: keyset.domains.length }
}
