import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import type { Snapshot } from '../repository/snapshot.ts'
import type { Checks } from './checks.ts'
import type { Live } from './live.ts'
import type { UpkeepSight, UpkeepTask } from './perform.ts'
import { nextDue, type Subject, type UpkeepIntervals } from './schedule.ts'

/** What the service's loop tells: nothing is to be done and this is covered, or undefined while something else has precedence. */
export type Calm = { live: Live; snapshot: Snapshot; takesReceipts: boolean }

/** Verifies, drills and reports by itself while the service has nothing better to do. */
export type Upkeep = {
  /** Called with every look at the chain; whatever is under way stops as soon as it is told `undefined`. */
  consider(calm: Calm | undefined): void
  /** Reads what a person's own verification or drill has left behind. */
  recall(): Promise<void>
  close(): Promise<void>
}

export type UpkeepOptions = {
  /** Does it, in a process of its own. */
  perform: (task: UpkeepTask, sight: UpkeepSight, signal: AbortSignal) => Promise<Checks>
  read: () => Promise<Checks>
  intervals: UpkeepIntervals
  onChecks: (checks: Checks) => void
  log: Logger
  now?: () => number
}

export async function createUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const { perform, read, intervals, onChecks, log, now = Date.now } = options
  let checks = await read()
  let subject: (Subject & Pick<Calm, 'live'>) | undefined
  let running: { abort: AbortController; settled: Promise<void> } | undefined
  let failedAtMs = -Infinity
  onChecks(checks)

  function take(found: Checks): void {
    if (JSON.stringify(found, bigintText) === JSON.stringify(checks, bigintText)) return
    checks = found
    onChecks(checks)
  }

  function start(task: UpkeepTask, { live, takesReceipts }: Subject & Pick<Calm, 'live'>): void {
    const abort = new AbortController()
    const settled = perform(task, { live, receipts: takesReceipts }, abort.signal)
      .then(
        (found) => {
          take(found)
          logResult(task, found, log)
        },
        (error: unknown) => {
          if (abort.signal.aborted) return
          failedAtMs = now()
          log.warn({ task: task.kind, err: error }, 'the repository could not be checked')
        },
      )
      .finally(() => (running = undefined))
    running = { abort, settled }
  }

  return {
    consider(calm) {
      if (calm === undefined) {
        subject = undefined
        running?.abort.abort(new HoldfastError('SUPERSEDED', 'the contract asks for something else now'))
        return
      }
      const digest = keysetDigest(calm.live.keyset)
      const { ciphertextSha256 } = calm.snapshot
      const isKnown = subject?.keysetDigest === digest && subject.ciphertextSha256 === ciphertextSha256
      subject = {
        keysetDigest: digest,
        ciphertextSha256,
        takesReceipts: calm.takesReceipts,
        live: calm.live,
        sinceMs: isKnown && subject !== undefined ? subject.sinceMs : now(),
      }
      if (running !== undefined) return
      const due = nextDue(subject, checks, intervals, failedAtMs)
      if (due.atMs <= now()) start(due.task, subject)
    },
    async recall() {
      if (running === undefined) take(await read())
    },
    async close() {
      running?.abort.abort(new HoldfastError('SUPERSEDED', 'the service stops'))
      await running?.settled
    },
  }
}

function logResult({ kind }: UpkeepTask, { verification, drill, receipts }: Checks, log: Logger): void {
  switch (kind) {
    case 'verify': {
      const fields = {
        live: verification?.live,
        failures: verification?.failures.length,
        seconds: verification?.seconds,
      }
      if (verification?.failures.length === 0) log.info(fields, 'every snapshot was opened and checked')
      else log.error(fields, 'a snapshot cannot be used')
      return
    }
    case 'drill':
      if (drill?.failure === null) log.info({ seconds: drill.seconds }, 'a drill restored the live keyset')
      else log.error({ code: drill?.failure?.code, reason: drill?.failure?.message }, 'the drill failed')
      return
    case 'report': {
      const { outcome, failure } = receipts.stored ?? {}
      const fields = { outcome, code: failure?.code, reason: failure?.message }
      if (outcome === 'failed') log.warn(fields, 'the contract could not be told of the backup')
      else log.info(fields, 'the contract was told of the backup')
      return
    }
    default:
      kind satisfies never
      throw new TypeError('unknown task')
  }
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
