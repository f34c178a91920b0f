import type { ExecutionContext } from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import type { Decision } from '../../src/decide.ts'
import type { FreshnessLimits, Grade } from '../../src/freshness/grade.ts'
import { Keeper } from '../../src/keeper.ts'
import type { Damage, Repository } from '../../src/repository/repository.ts'
import { serve } from '../../src/service.ts'
import type { Report } from '../../src/status/report.ts'
import { dealKeyset } from './dealt-keyset.ts'
import type { FakeNode } from './fakes.ts'
import { FakeApproval, FakeUpkeep, FakeContract, ScriptedObserver } from './fakes.ts'
import { MemoryFiles } from './memory-files.ts'
import { repositoryOn } from './repository.ts'
import { ALICE, OWN_KEY, recordJson, runningJson, viewOf } from './views.ts'

export const live = dealKeyset()
export const next = dealKeyset({ epochId: 6n })
export const running: Json = { Running: runningJson(live.json) }
export const runningNext: Json = { Running: runningJson(next.json) }
export const recovery = (record: Json): Json => ({
  Recovery: { previous_running_state: runningJson(live.json), recovering: { [ALICE]: record } },
})
export const recovering = recovery(recordJson({ expiresInMs: 10 ** 12 }))

const FRESHNESS: FreshnessLimits = { normalMs: 300_000, closedMs: 1_800_000 }

/** A report that keeps what it is told. */
export type KeptReport = Report & {
  errors: unknown[]
  damaged: Damage[]
  grades: Grade['kind'][]
  decisions: Decision[]
  closed: number
}

export function silentReport(): KeptReport {
  const errors: unknown[] = []
  const damaged: Damage[] = []
  const grades: Grade['kind'][] = []
  const decisions: Decision[] = []
  const nothing = (): void => undefined
  return {
    errors,
    damaged,
    grades,
    decisions,
    closed: 0,
    view: nothing,
    grade: ({ kind }) => void grades.push(kind),
    decision: (decision) => void decisions.push(decision),
    contents: (contents) => void damaged.push(...contents.damaged),
    checks: nothing,
    endpoint: () => 'well',
    served: nothing,
    recoverability: nothing,
    notifications: nothing,
    succeeded: nothing,
    delivered: nothing,
    restored: nothing,
    failed: (error) => void errors.push(error),
    async close() {
      this.closed += 1
    },
  }
}

export type Setting = {
  observer: ScriptedObserver
  node: FakeNode
  contract: FakeContract
  files: MemoryFiles
  repository: Repository
  report: KeptReport
  approval: FakeApproval
  upkeep: FakeUpkeep
  ended: Promise<void>
  show(state: Json, atMs?: number): void
  stored(): Promise<bigint[]>
  stop(): Promise<void>
}

/** `serve` with everything around it in memory. */
export async function start(
  t: ExecutionContext,
  node: FakeNode,
  options: {
    held?: boolean
    recheckMs?: number
    check?: Repository['check']
    freshness?: FreshnessLimits
    approval?: FakeApproval
  } = {},
): Promise<Setting> {
  const files = new MemoryFiles()
  const made = repositoryOn(files)
  const repository = { ...made, ...(options.check !== undefined && { check: options.check }) }
  if (options.held === true) {
    const keyshares = serializeKeyshares(live.sharesOf(0))
    await repository.store({ keyset: live.keyset, participantId: 0, keyshares }, new AbortController().signal)
  }
  const observer = new ScriptedObserver()
  const contract = new FakeContract()
  const report = silentReport()
  const { approval = FakeApproval.auto() } = options
  const upkeep = new FakeUpkeep()
  const keeper = new Keeper(repository, {
    accountId: ALICE,
    graceMs: 30 * 86_400_000,
    automatic: true,
    lookMs: 900_000,
    isRemote: false,
    deepMs: 86_400_000,
  })
  const stopping = new AbortController()
  const settings = {
    accountId: ALICE,
    keysharesPort: 8079,
    ownTlsKey: OWN_KEY,
    freshness: options.freshness ?? FRESHNESS,
    ...(options.recheckMs !== undefined && { recheckMs: options.recheckMs }),
  }
  const ended = serve(
    { observer, node, contract, repository, keeper, approval, upkeep, report, log: silentLogger },
    settings,
    stopping.signal,
  )
  ended.catch(() => undefined)
  t.teardown(() => stopping.abort())
  return {
    observer,
    node,
    contract,
    files,
    repository,
    report,
    approval,
    upkeep,
    ended,
    show: (state, atMs = Date.now()) => observer.show(viewOf(state, { atMs })),
    stored: async () => (await repository.contents()).snapshots.map(({ epochId }) => epochId),
    async stop() {
      stopping.abort()
      await ended
    },
  }
}
