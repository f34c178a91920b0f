import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Claim } from '../src/network/claims.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import { nearMpc } from '../src/network/near-mpc.ts'
import { createReport, type FailureSource, type Report } from '../src/status/report.ts'
import { parseStatus, type Status } from '../src/status/status.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { temporaryDirectory } from './support/home.ts'
import { snapshotOf } from './support/snapshots.ts'
import {
  ALICE,
  CONTRACT,
  key,
  migrationJson,
  NEW_NODE_KEY,
  NOW_MS,
  OWN_KEY,
  recordJson,
  runningJson,
  viewOf,
} from './support/views.ts'

const live = dealKeyset()
const view = viewOf({ Running: runningJson(live.json) })
const idle = { kind: 'idle', reason: 'covered' } as const

async function reporting(t: ExecutionContext): Promise<{ report: Report; status(): Promise<Status> }> {
  const file = join(await temporaryDirectory(t), 'status.json')
  const onWriteError = (error: unknown): void => t.fail(String(error))
  const report = createReport({
    file,
    accountId: ALICE,
    contractId: CONTRACT,
    ownTlsKey: OWN_KEY,
    endpoints: ['one', 'two'],
    earlier: undefined,
    onWriteError,
  })
  const status = async (): Promise<Status> => {
    await report.close()
    return parseStatus(await readFile(file, 'utf8'), file)
  }
  return { report, status }
}

const NOTHING = { snapshots: [], damaged: [], places: [], incidents: [], needsCare: false }
const settlers: Record<FailureSource, (report: Report) => void> = {
  chain: (report) => report.view(view, HOLDFAST),
  freshness: (report) => report.grade({ kind: 'normal', ageMs: 0 }),
  work: (report) => report.succeeded(),
  repository: (report) => report.contents(NOTHING),
}

for (const source of ['chain', 'freshness', 'work', 'repository'] as const) {
  test(`report - should keep a failure of the ${source} open until the ${source} is well again`, async (t) => {
    const { report, status } = await reporting(t)
    report.failed(new HoldfastError('MADE_UP', 'made up'), source)
    report.failed(new HoldfastError('MADE_UP', 'made up'), source)
    for (const [other, settle] of Object.entries(settlers)) if (other !== source) settle(report)
    if (source !== 'work') report.decision(idle, [])
    t.like((await status()).last_error, { code: 'MADE_UP', message: 'made up', times: 2, resolved: false })
    settlers[source](report)
    t.like((await status()).last_error, { code: 'MADE_UP', times: 2, resolved: true })
  })
}

const deliver = (report: Report, claim: Claim = 'recovery'): void =>
  report.delivered({
    kind: 'restore',
    claim,
    keyset: live.keyset,
    participantId: 0,
    destination: { host: '127.0.0.1', port: 1, tlsPublicKey: NEW_NODE_KEY },
    snapshot: snapshotOf(live.keyset, 0),
    request: { destination: NEW_NODE_KEY, requestedAt: 1n },
    finish: { kind: 'call' },
  })

test('report - should follow a delivery until the contract shows its end', async (t) => {
  const recovering = viewOf({
    Recovery: { previous_running_state: runningJson(live.json), recovering: { [ALICE]: recordJson() } },
  })
  const concludedBy = (tlsKey: ReturnType<typeof key>, options = {}) =>
    viewOf({ Running: runningJson(live.json, [{ accountId: ALICE, participantId: 0, tlsKey }]) }, options)
  for (const [after, concluded] of [
    [recovering, false],
    [concludedBy(NEW_NODE_KEY), true],
    [concludedBy(NEW_NODE_KEY, { migration: migrationJson({ tlsKey: key(3) }) }), true],
    [concludedBy(key(1)), false],
    [concludedBy(key(1), { migration: migrationJson({ tlsKey: key(3) }) }), false],
  ] as const) {
    const { report, status } = await reporting(t)
    deliver(report)
    report.view(after, HOLDFAST)
    t.like((await status()).last_restore, { destination_tls_public_key: NEW_NODE_KEY, concluded })
  }
})

const MINUTE = 60_000
const since = new Date(NOW_MS).toISOString()
const moving = (afterMs: number) =>
  viewOf({ Running: runningJson(live.json) }, { migration: migrationJson(), atMs: NOW_MS + afterMs })
const recoveringAfter = (afterMs: number, delivered: { digest: string; agoMs: number } | null = null) =>
  viewOf(
    {
      Recovery: {
        previous_running_state: runningJson(live.json),
        recovering: { [ALICE]: recordJson({ expiresInMs: 60 * MINUTE, delivered }) },
      },
    },
    { atMs: NOW_MS + afterMs },
  )

for (const [network, claim, open, lookAt] of [
  [HOLDFAST, 'recovery', recoveringAfter, /holdfast node doctor/],
  [nearMpc('3.14.1'), 'migration', moving, /get_tee_accounts/],
] as const) {
  test(`report - should say where to look once a node is late, counted from the first delivery (${network.label})`, async (t) => {
    const { report, status } = await reporting(t)
    report.view(open(0), network)
    deliver(report, claim)
    report.view(open(4 * MINUTE), network)
    deliver(report, claim)
    t.is((await status()).overdue, null)
    report.view(open(5 * MINUTE), network)
    t.is((await status()).overdue?.since, since)
    t.regex((await status()).overdue?.look_at ?? '', lookAt)
    report.view(viewOf({ Running: runningJson(live.json) }, { atMs: NOW_MS + 6 * MINUTE }), network)
    t.is((await status()).overdue, null, 'the request is gone')
    report.view(open(7 * MINUTE), network)
    deliver(report, claim)
    report.view(open(8 * MINUTE), network)
    t.is((await status()).overdue, null, 'a request of its own has a time of its own')
  })
}

test('report - should count from the delivery that the contract shows, whoever made it', async (t) => {
  const { report, status } = await reporting(t)
  report.view(recoveringAfter(5 * MINUTE, { digest: 'd', agoMs: 0 }), HOLDFAST)
  t.is((await status()).overdue?.since, since)
})
