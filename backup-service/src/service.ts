import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { backoff, type Backoff } from '@holdfast/protocol/poll.ts'
import { sameRequest, type ApprovalFacts } from './approval/approval.ts'
import type { FollowRequest } from './approval/follow-request.ts'
import { backUp } from './back-up.ts'
import { coveringSnapshotOf, decide, decisionKey, type Decision, type Known, type Work } from './decide.ts'
import { gradeOf, untilNextGrade, type FreshnessLimits, type Grade } from './freshness/grade.ts'
import { permitOf, staleView } from './freshness/permit.ts'
import type { Keeper } from './keeper.ts'
import { Mailbox } from './mailbox.ts'
import type { Network } from './network/port.ts'
import type { ConfirmDelivery, DeliverShares, FetchShares, ObserveContract } from './ports.ts'
import type { Contents, Damage, Repository } from './repository/repository.ts'
import type { Snapshot } from './repository/snapshot.ts'
import type { CareResult } from './repository/care.ts'
import { restore, type Restore, type Restored } from './restore.ts'
import { createServiceLog } from './service-log.ts'
import type { Report } from './status/report.ts'
import { liveOf } from './upkeep/live.ts'
import type { Calm, Upkeep } from './upkeep/upkeep.ts'

export type ServicePorts = {
  observer: ObserveContract
  node: FetchShares & DeliverShares
  contract: ConfirmDelivery
  repository: Repository
  keeper: Pick<Keeper, 'first' | 'tend'>
  approval: FollowRequest
  upkeep: Upkeep
  report: Report
  log: Logger
}

export type ServiceSettings = {
  accountId: string
  keysharesPort: number
  ownTlsKey: Ed25519KeyText
  /** From which age of a view on nothing is started, and from which nothing goes on. */
  freshness: FreshnessLimits
  /** How often the repository is read again, so that a lost or damaged file is noticed while the node still has it. */
  recheckMs?: number
}

const RECHECK_MS = 60_000
/** A node that was named a moment ago may not have seen that itself, so a delivery is retried fast at first. */
const RESTORE_RETRY = { minMs: 100, maxMs: 5_000 }
const BACKUP_RETRY = { minMs: 500, maxMs: 15_000 }
/** How soon an operator's yes or no to a held restore is seen, also while the chain cannot be read. */
const ANSWER_POLL_MS = 500
/** The most that setTimeout waits; past it, the grade is looked at once more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

type Outcome =
  | { kind: 'backed-up'; snapshot: Snapshot }
  | { kind: 'delivered'; work: Restore; restored: Restored }
  | { kind: 'failed'; error: unknown }
/** The newest view, and the rules that it is read by. */
type Sight = { view: ContractView; network: Network }
type Event =
  | ({ kind: 'view' } & Sight)
  | { kind: 'trouble'; error: unknown }
  | { kind: 'settled'; work: Work; view: ContractView; outcome: Outcome }
  | { kind: 'retry' }
  | { kind: 'aged' }
  | { kind: 'answer-due' }
  | { kind: 'recheck' }
  | { kind: 'contents'; contents: Contents }
  | { kind: 'opened'; snapshot: Snapshot; failure: { error: unknown } | undefined }
  | { kind: 'kept'; result: CareResult }
  | { kind: 'unkept'; error: unknown }
  | { kind: 'lost'; error: unknown }
  | { kind: 'stop' }

/**
 * Runs the backup service until `signal` aborts. Acts on the newest view; what it waits for is the next view, the retry
 * timer (armed after a failure only) or the stop. An act that the newest view no longer asks for is aborted. Whatever is
 * stored or delivered is known from the repository and the contract, never from memory.
 * @throws HoldfastError `OBSERVER_LOST` when nobody watches the contract any more; `REPOSITORY_UNREADABLE`.
 */
export async function serve(ports: ServicePorts, settings: ServiceSettings, signal: AbortSignal): Promise<void> {
  const { observer, repository, keeper, report } = ports
  const log = createServiceLog(ports.log)
  const { accountId, keysharesPort, ownTlsKey, freshness, recheckMs = RECHECK_MS } = settings
  const mailbox = new Mailbox<Event>()
  const stopping = new AbortController()

  await repository.sweep()
  /** By the hash of their ciphertext: files that have all the looks of a snapshot, and cannot be opened. */
  const unopenable = new Map<string, Damage>()
  let contents = await firstContents()
  let latest: Sight | undefined
  let checking: Promise<void> | undefined
  let keeping: Promise<void> | undefined
  let lastDelivery: Known['lastDelivery']
  let running: { work: Work; key: string; abort: AbortController; settled: Promise<void> } | undefined
  /** One snapshot of what is to be backed up is opened for real, once per start; `unsure` waits for the next recheck. */
  let opening: 'due' | 'under-way' | 'unsure' | 'done' = 'due'
  let retry: { key: string; waits: Backoff; timer: NodeJS.Timeout | undefined } | undefined
  let approval: ApprovalFacts | undefined
  /** Wakes the loop when the view passes from one grade to the next though nothing else happens. */
  let ageing: NodeJS.Timeout | undefined
  let answerDue: NodeJS.Timeout | undefined

  const stop = (): void => mailbox.post({ kind: 'stop' })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const recheck = setInterval(() => mailbox.post({ kind: 'recheck' }), recheckMs)
  const watching = watch(observer, mailbox, stopping.signal)
  reportContents()

  try {
    for (;;) {
      const event = await mailbox.next()
      switch (event.kind) {
        case 'view':
          latest = event
          log.network(event.network)
          report.view(event.view, event.network)
          await consult(event)
          evaluate()
          break
        case 'trouble':
          log.blind(event.error)
          report.failed(event.error, 'chain')
          evaluate()
          break
        case 'aged':
          evaluate()
          break
        case 'answer-due':
          answerDue = undefined
          if (latest !== undefined) await consult(latest)
          evaluate()
          break
        case 'settled':
          running = undefined
          settle(event)
          evaluate()
          break
        case 'retry':
          if (retry !== undefined) retry.timer = undefined
          evaluate()
          break
        case 'recheck':
          // An act is reading or writing the repository itself.
          if (running === undefined) void readContents()
          void ports.upkeep.recall()
          tryOpeningAgain()
          break
        case 'contents':
          contents = openable(event.contents)
          reportContents()
          evaluate()
          tend()
          break
        case 'kept':
          keeping = undefined
          log.kept(event.result)
          void readContents()
          break
        case 'unkept':
          keeping = undefined
          log.unkept(event.error)
          report.failed(event.error, 'repository')
          break
        case 'opened':
          settleOpening(event)
          evaluate()
          break
        case 'lost':
          throw new HoldfastError(
            'OBSERVER_LOST',
            `nobody watches the contract any more: ${errorMessage(event.error)}; start the backup service again`,
            { cause: event.error },
          )
        case 'stop':
          return
        default:
          event satisfies never
          throw new TypeError('unknown event')
      }
    }
  } finally {
    signal.removeEventListener('abort', stop)
    clearInterval(recheck)
    clearTimeout(retry?.timer)
    clearTimeout(ageing)
    clearTimeout(answerDue)
    stopping.abort()
    running?.abort.abort()
    await Promise.allSettled([running?.settled, checking, keeping, watching, ports.upkeep.close()])
    await report.close()
  }

  async function firstContents(): Promise<Contents> {
    const found = await repository.contents()
    if (!found.needsCare || signal.aborted) return found
    try {
      log.kept(await keeper.first(signal))
    } catch (error) {
      // Nothing may keep a service from watching: what it already holds still serves, and this is tried again.
      log.unkept(error)
      return found
    }
    return repository.contents()
  }

  /** Beside everything else: a place that is slow holds up no backup and no restore. */
  function tend(): void {
    if (keeping !== undefined || running !== undefined) return
    const isFresh = gradeOf(latest?.view.block.timestampMs, Date.now(), freshness).kind === 'normal'
    const view = isFresh ? latest?.view : undefined
    keeping = keeper.tend(contents, view, stopping.signal).then(
      (result) => {
        if (result === undefined) keeping = undefined
        else mailbox.post({ kind: 'kept', result })
      },
      (error: unknown) => mailbox.post({ kind: 'unkept', error }),
    )
  }

  function evaluate(): void {
    const grade = gradeView()
    if (latest === undefined) return
    const { view, network } = latest
    const decision = decide(view, {
      network,
      accountId,
      keysharesPort,
      ownTlsKey,
      snapshots: contents.snapshots,
      lastDelivery,
      approval,
    })
    const key = decisionKey(decision)
    report.decision(decision, contents.snapshots)
    const permit = permitOf(grade, running !== undefined || retry?.key === key)
    if (running !== undefined) {
      if (permit === 'give-up')
        running.abort.abort(new HoldfastError('VIEW_STALE', 'the view of the contract is too old'))
      else if (running.key !== key && !finishes(running.work, decision))
        running.abort.abort(new HoldfastError('SUPERSEDED', 'the contract asks for something else now'))
      return
    }
    if (retry !== undefined && (retry.key !== key || permit === 'give-up')) {
      clearTimeout(retry.timer)
      retry = undefined
    }
    ports.upkeep.consider(calmOf(latest, decision, grade))
    if (retry?.timer !== undefined) return
    if (decision.kind === 'idle') openOnce(view)
    if (decision.kind === 'hold') answerDue ??= setTimeout(() => mailbox.post({ kind: 'answer-due' }), ANSWER_POLL_MS)
    if (!isWork(decision)) return log.decided(decision)
    if (permit !== 'act') return
    if (retry === undefined) log.starting(decision)
    start(decision, key, view)
  }

  /** When the repository may be verified and drilled: nothing else is to be done, and what is live is known and covered. */
  function calmOf({ view, network }: Sight, decision: Decision, grade: Grade): Calm | undefined {
    if (decision.kind !== 'idle' || decision.reason !== 'covered' || grade.kind !== 'normal') return undefined
    const live = liveOf(view, accountId)
    const snapshot = coveringSnapshotOf(view, accountId, contents.snapshots)
    if (live === undefined || snapshot === undefined || opening === 'under-way') return undefined
    return { live, snapshot, takesReceipts: network.takesReceipts(view) }
  }

  function gradeView(): Grade {
    const grade = gradeOf(latest?.view.block.timestampMs, Date.now(), freshness)
    report.grade(grade)
    const stale = staleView(grade, freshness)
    if (stale !== undefined) report.failed(stale, 'freshness')
    log.graded(grade, stale)
    clearTimeout(ageing)
    const wait = untilNextGrade(grade, freshness)
    if (wait !== undefined) ageing = setTimeout(() => mailbox.post({ kind: 'aged' }), Math.min(wait, LONGEST_TIMER_MS))
    return grade
  }

  async function consult({ view, network }: Sight): Promise<void> {
    approval = await ports.approval.consult(network.restoreRequest(view, accountId), view.block.timestampMs)
  }

  function start(work: Work, key: string, view: ContractView): void {
    const abort = new AbortController()
    const settled = act(work, view, abort.signal)
      .catch((error: unknown): Outcome => ({ kind: 'failed', error }))
      .then((outcome) => mailbox.post({ kind: 'settled', work, view, outcome }))
    running = { work, key, abort, settled }
  }

  /**
   * A manifest tells that a file is what was written, not that this identity opens it. Found out when a recovery waits for
   * it, that would be too late.
   */
  function openOnce(view: ContractView): void {
    const snapshot = coveringSnapshotOf(view, accountId, contents.snapshots)
    if (snapshot === undefined || opening !== 'due') return
    opening = 'under-way'
    checking = repository.check(snapshot, stopping.signal).then(
      () => mailbox.post({ kind: 'opened', snapshot, failure: undefined }),
      (error: unknown) => mailbox.post({ kind: 'opened', snapshot, failure: { error } }),
    )
  }

  function tryOpeningAgain(): void {
    if (opening === 'unsure') opening = 'due'
  }

  function settleOpening({ snapshot, failure }: Extract<Event, { kind: 'opened' }>): void {
    if (failure === undefined) {
      opening = 'done'
      return
    }
    if (!speaksOfTheSeal(failure.error)) {
      opening = 'unsure'
      if (isHoldfastError(failure.error, 'SNAPSHOT_DAMAGED')) void readContents()
      log.repositoryLost(failure.error)
      return report.failed(failure.error, 'repository')
    }
    // Another snapshot of the same keyset, or the one that is made now, is opened next.
    opening = 'due'
    const file = snapshot.data.file
    const reason = errorMessage(failure.error)
    unopenable.set(snapshot.ciphertextSha256, { kind: 'unusable-file', place: 'every place', file, reason })
    contents = openable(contents)
    reportContents()
  }

  function openable(all: Contents): Contents {
    const { snapshots, damaged } = all
    const found = snapshots.filter(({ ciphertextSha256 }) => unopenable.has(ciphertextSha256))
    const named = found.flatMap(({ ciphertextSha256 }) => unopenable.get(ciphertextSha256) ?? [])
    return {
      ...all,
      snapshots: snapshots.filter((snapshot) => !found.includes(snapshot)),
      damaged: [...damaged, ...named],
    }
  }

  async function act(work: Work, view: ContractView, abort: AbortSignal): Promise<Outcome> {
    switch (work.kind) {
      case 'backup':
        return { kind: 'backed-up', snapshot: await backUp(work, view, ports.node, repository, abort) }
      case 'restore':
        return { kind: 'delivered', work, restored: await restore(work, ports, () => report.delivered(work), abort) }
      default:
        work satisfies never
        throw new TypeError('unknown work')
    }
  }

  function settle({ work, view, outcome }: Extract<Event, { kind: 'settled' }>): void {
    switch (outcome.kind) {
      case 'backed-up':
        contents = withStored(contents, outcome.snapshot)
        // It was read back and opened when it was stored.
        unopenable.delete(outcome.snapshot.ciphertextSha256)
        if (opening === 'due') opening = 'done'
        reportContents()
        // What stood in the way was set aside under another name.
        void readContents()
        log.backedUp(work, outcome.snapshot)
        return succeeded()
      case 'delivered':
        report.restored(outcome.work, outcome.restored, noteDelivery(outcome.work, view))
        log.delivered(work, outcome.restored)
        return succeeded()
      case 'failed':
        if (isHoldfastError(outcome.error, 'SUPERSEDED') || isHoldfastError(outcome.error, 'VIEW_STALE')) return
        arm(work)
        log.failed(work, outcome.error)
        report.failed(outcome.error, 'work')
        if (isHoldfastError(outcome.error, 'SNAPSHOT_DAMAGED')) void readContents()
        return
      default:
        outcome satisfies never
        throw new TypeError('unknown outcome')
    }
  }

  function succeeded(): void {
    clearTimeout(retry?.timer)
    retry = undefined
    report.succeeded()
  }

  /** @returns how many there were for this request */
  function noteDelivery({ request }: Restore, view: ContractView): number {
    const before = lastDelivery !== undefined && sameRequest(lastDelivery.request, request) ? lastDelivery.times : 0
    lastDelivery = { request, atMs: view.block.timestampMs, times: before + 1 }
    return lastDelivery.times
  }

  function arm(work: Work): void {
    const key = decisionKey(work)
    const waits = retry?.key === key ? retry.waits : backoff(work.kind === 'restore' ? RESTORE_RETRY : BACKUP_RETRY)
    retry = { key, waits, timer: setTimeout(() => mailbox.post({ kind: 'retry' }), waits.next()) }
  }

  async function readContents(): Promise<void> {
    try {
      mailbox.post({ kind: 'contents', contents: await repository.contents() })
    } catch (error) {
      // What was verified is still what is known; a disk that stays away is named until it is back.
      log.repositoryLost(error)
      report.failed(error, 'repository')
    }
  }

  function reportContents(): void {
    report.contents(contents)
    log.damaged(contents.damaged)
  }
}

function isWork(decision: Decision): decision is Work {
  return decision.kind === 'backup' || decision.kind === 'restore'
}

/** A delivery that the contract already shows goes on to its end: the decision to wait is its own doing. */
function finishes(work: Work, decision: Decision): boolean {
  return work.kind === 'restore' && decision.kind === 'idle' && decision.reason === 'awaiting-conclusion'
}

/** Whether a check failed because of what the file holds: not because it vanished, nor because there was no check. */
function speaksOfTheSeal(error: unknown): boolean {
  return isHoldfastError(error) && error.code !== 'SNAPSHOT_DAMAGED' && /^(SNAPSHOT|KEYSHARE|INVALID)_/.test(error.code)
}

async function watch(observer: ObserveContract, mailbox: Mailbox<Event>, signal: AbortSignal): Promise<void> {
  try {
    for await (const observation of observer.observe(signal)) mailbox.post(observation)
    if (!signal.aborted) mailbox.post({ kind: 'lost', error: new Error('the observer ended') })
  } catch (error) {
    if (!signal.aborted) mailbox.post({ kind: 'lost', error })
  }
}

function withStored(contents: Contents, snapshot: Snapshot): Contents {
  const { snapshots, damaged } = contents
  return {
    ...contents,
    snapshots: [...snapshots.filter(({ slot }) => slot !== snapshot.slot), snapshot],
    damaged: damaged.filter(({ file }) => !file.startsWith(`${snapshot.slot}.`)),
  }
}
