import test, { type ExecutionContext } from 'ava'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { NO_CHECKS, type Checks } from '../src/upkeep/checks.ts'
import type { UpkeepTask } from '../src/upkeep/perform.ts'
import { createUpkeep, type Calm } from '../src/upkeep/upkeep.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { until } from './support/home.ts'
import { snapshotOf } from './support/snapshots.ts'

const dealt = dealKeyset()
const calm: Calm = {
  live: { keyset: dealt.keyset, participantId: 0 },
  snapshot: snapshotOf(dealt.keyset, 0),
  takesReceipts: true,
}

async function started(t: ExecutionContext, perform: (task: UpkeepTask, signal: AbortSignal) => Promise<Checks>) {
  const asked: UpkeepTask['kind'][] = []
  const told: Checks[] = []
  let now = 1_000
  const upkeep = await createUpkeep({
    perform: (task, _, signal) => {
      asked.push(task.kind)
      return perform(task, signal)
    },
    read: async () => NO_CHECKS,
    intervals: { verifyMs: 1e9, drillMs: 1e9 },
    onChecks: (checks) => told.push(checks),
    log: silentLogger,
    now: () => now,
  })
  t.teardown(() => upkeep.close())
  return { upkeep, asked, told, later: (ms: number) => (now += ms) }
}

test('upkeep - should wait until the keyset has settled, and then do one thing at a time', async (t) => {
  const first = Promise.withResolvers<Checks>()
  const { upkeep, asked, told, later } = await started(t, () => first.promise)
  upkeep.consider(calm)
  t.deepEqual(asked, [])
  later(10 * 60_000)
  upkeep.consider(calm)
  upkeep.consider(calm)
  t.deepEqual(asked, ['report'])
  const receipt = {
    at: new Date(0).toISOString(),
    keyset_digest: calm.snapshot.keysetDigest,
    ciphertext_sha256: calm.snapshot.ciphertextSha256,
    outcome: 'recorded' as const,
    failure: null,
  }
  first.resolve({ ...NO_CHECKS, receipts: { stored: receipt, drilled: null } })
  await until(async () => told.length === 2)
  upkeep.consider(calm)
  t.deepEqual(asked, ['report', 'drill'])
})

test('upkeep under way - should be stopped the moment that something else has precedence', async (t) => {
  let stopped: unknown
  const { upkeep, later } = await started(
    t,
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = signal.reason
          reject(signal.reason)
        })
      }),
  )
  upkeep.consider(calm)
  later(10 * 60_000)
  upkeep.consider(calm)
  upkeep.consider(undefined)
  t.is((stopped as { code?: string }).code, 'SUPERSEDED')
})

test('upkeep that cannot be done - should not be tried with every look at the chain', async (t) => {
  const { upkeep, asked, later } = await started(t, (task) =>
    task.kind === 'report' ? Promise.reject(new Error('made up')) : new Promise(() => undefined),
  )
  upkeep.consider(calm)
  later(10 * 60_000)
  for (let looks = 0; looks < 5; looks++) {
    upkeep.consider(calm)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.deepEqual(asked, ['report'])
})
