/** A migration as a request for the shares, on either network. */
import test from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import { parseMigrationInfo, parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { ApprovalFacts } from '../src/approval/approval.ts'
import { decide, decisionKey, REDELIVER_AFTER_MS, type Decision, type Known } from '../src/decide.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import { nearMpc } from '../src/network/near-mpc.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { RECORDED_MIGRATIONS, RECORDED_STATES, recordedCase } from './support/near-mpc-vectors.ts'
import { snapshotOf } from './support/snapshots.ts'
import {
  ALICE,
  key,
  migrationJson,
  NEW_NODE_KEY,
  NODE_KEY,
  NOW_MS,
  OWN_KEY,
  recordJson,
  resharingJson,
  runningJson,
  viewOf,
} from './support/views.ts'

const live = dealKeyset()
const covered = [snapshotOf(live.keyset, 0)]
const NEAR_MPC = nearMpc('3.14.1')
const SEEN_MS = NOW_MS - 10_000
const APPROVED: ApprovalFacts = {
  policy: { mode: 'auto' },
  firstSeenMs: SEEN_MS,
  answers: { kind: 'read', answers: [] },
}
const known: Known = {
  network: NEAR_MPC,
  accountId: ALICE,
  keysharesPort: 8079,
  ownTlsKey: OWN_KEY,
  snapshots: covered,
  lastDelivery: undefined,
  approval: APPROVED,
}
const request = { destination: NEW_NODE_KEY, requestedAt: BigInt(SEEN_MS) * 1_000_000n }
const destination = { host: '127.0.0.1', port: 8079, tlsPublicKey: NEW_NODE_KEY }
const node = { ...destination, tlsPublicKey: NODE_KEY }
const running: Json = { Running: runningJson(live.json) }
const resharing = resharingJson(live.json)
const migration = migrationJson()
const recovery = (record: Json): Json => ({
  Recovery: { previous_running_state: runningJson(live.json), recovering: { [ALICE]: record } },
})

for (const network of [HOLDFAST, NEAR_MPC]) {
  test(`a migration on ${network.label} - should be restored to the node that it names, and read back`, (t) => {
    const decision = decide(viewOf(running, { migration }), { ...known, network })
    const finish = { kind: 'read-back' as const, keyset: live.json }
    t.like(decision, { kind: 'restore', claim: 'migration', destination, participantId: 0, request, finish })
  })
}

const bobRecovers = (expiresInMs: number): Json => ({
  Recovery: { previous_running_state: runningJson(live.json), recovering: { 'bob.near': recordJson({ expiresInMs }) } },
})

const denied = { destination: NEW_NODE_KEY, requestedAt: 0n, verdict: 'denied' } as const
const approvalOf = (changes: Partial<ApprovalFacts>): Known => ({ ...known, approval: { ...APPROVED, ...changes } })
const held: ApprovalFacts['policy'] = { mode: 'hold', minutes: 30 }
const sent = (agoMs: number, times = 1): Known => ({
  ...known,
  lastDelivery: { request, atMs: NOW_MS - agoMs, times },
})
const table: [title: string, state: Json, migration: Json, known: Known, expected: Partial<Decision>][] = [
  ['not count without a record', running, null, known, { kind: 'idle', reason: 'covered' }],
  [
    'not count where it names the key that the node has already',
    running,
    migrationJson({ tlsKey: NODE_KEY }),
    known,
    { kind: 'idle', reason: 'covered' },
  ],
  ['not be acted on during a resharing', resharing, migration, known, { kind: 'idle', reason: 'covered' }],
  [
    'not be acted on while somebody recovers',
    bobRecovers(60_000),
    migration,
    { ...known, network: HOLDFAST },
    { kind: 'idle', reason: 'covered' },
  ],
  [
    'be delivered where every recovery has expired, which the conclusion ends',
    bobRecovers(0),
    migration,
    { ...known, network: HOLDFAST },
    { kind: 'restore', claim: 'migration', destination },
  ],
  [
    'not keep a resharing from being backed up',
    resharing,
    migration,
    { ...known, snapshots: [] },
    { kind: 'backup', node },
  ],
  [
    'have the node that is still there backed up first',
    running,
    migration,
    { ...known, snapshots: [] },
    { kind: 'backup', node },
  ],
  [
    'not keep a keyset from being backed up when it was denied',
    running,
    migration,
    { ...approvalOf({ answers: { kind: 'read', answers: [denied] } }), snapshots: [] },
    { kind: 'backup', node },
  ],
  [
    'be refused when it was denied',
    running,
    migration,
    approvalOf({ answers: { kind: 'read', answers: [denied] } }),
    { kind: 'refuse', code: 'RESTORE_DENIED' },
  ],
  [
    'wait for a yes or no from when it was first seen',
    running,
    migration,
    approvalOf({ policy: held }),
    { kind: 'hold', destination: NEW_NODE_KEY, untilMs: SEEN_MS + 30 * 60_000 },
  ],
  [
    'go with a yes to exactly this request',
    running,
    migration,
    approvalOf({ policy: held, answers: { kind: 'read', answers: [{ ...request, verdict: 'approved' }] } }),
    { kind: 'restore' },
  ],
  [
    'wait on with a yes to an earlier request',
    running,
    migration,
    approvalOf({
      policy: held,
      answers: { kind: 'read', answers: [{ ...request, requestedAt: 1n, verdict: 'approved' }] },
    }),
    { kind: 'hold' },
  ],
  ['be waited for after a delivery', running, migration, sent(500), { kind: 'idle', reason: 'awaiting-conclusion' }],
  ['be delivered again', running, migration, sent(REDELIVER_AFTER_MS), { kind: 'restore' }],
  [
    'be delivered again ever more seldom',
    running,
    migration,
    sent(4 * REDELIVER_AFTER_MS - 1, 3),
    { kind: 'idle', reason: 'awaiting-conclusion' },
  ],
  ['be delivered again at least every five minutes', running, migration, sent(300_000, 40), { kind: 'restore' }],
  [
    'be refused where it names the node of somebody else',
    {
      Running: runningJson(live.json, [
        { accountId: ALICE, participantId: 0 },
        { accountId: 'bob.near', participantId: 1, tlsKey: NEW_NODE_KEY },
      ]),
    },
    migration,
    known,
    { kind: 'refuse', code: 'DESTINATION_TAKEN' },
  ],
  [
    'be refused where it names this backup service',
    running,
    migrationJson({ tlsKey: OWN_KEY }),
    known,
    { kind: 'refuse', code: 'DESTINATION_TAKEN' },
  ],
  [
    'be delivered at once where it now names another node',
    running,
    migrationJson({ tlsKey: key(3) }),
    sent(500),
    { kind: 'restore' },
  ],
]
for (const [title, state, record, facts, expected] of table) {
  test(`a migration - should ${title}`, (t) => {
    t.like(decide(viewOf(state, { migration: record }), facts), expected)
  })
}

test('a migration - should never be acted on before a recovery', (t) => {
  const own = recovery(recordJson({ tlsKey: key(3) }))
  const decision = decide(viewOf(own, { migration }), { ...known, network: HOLDFAST })
  t.like(decision, { kind: 'restore', claim: 'recovery', destination: { ...destination, tlsPublicKey: key(3) } })
})

test('a migration of what was never backed up - should name what is missing while the present node is asked', (t) => {
  const decision = decide(viewOf(running, { migration }), { ...known, snapshots: [] })
  t.true(decision.kind === 'backup')
  const awaited = decision.kind === 'backup' ? decision.awaited : null
  t.regex(
    awaited ?? '',
    /missing: domain 0 \(attempt 0\), domain 1 .*held: none; they are fetched from the present node/,
  )
  t.true(awaited?.includes(NEW_NODE_KEY))
  t.like(decide(viewOf(running), { ...known, snapshots: [] }), { kind: 'backup', awaited: null })
})

test('a migration - should be other work where its address changes', (t) => {
  const keys = [migration, migrationJson({ url: 'http://127.0.0.2:3000' })].map((record) =>
    decisionKey(decide(viewOf(running, { migration: record }), known)),
  )
  t.not(keys[0], keys[1])
})

test("near/mpc's recorded migration - should be a request of its account alone, in Running alone, until it is over", (t) => {
  const [state, resharingState, after] = [
    'Running with three keys',
    'Resharing, no attempt',
    'after the migration',
  ].map((name) => recordedCase(RECORDED_STATES, `state: ${name}`))
  const [underWay, over, paused] = ['under way', 'after the migration', 'while Resharing'].map((name) =>
    recordedCase(RECORDED_MIGRATIONS, `migration_info: ${name}`),
  )
  const asked = (stateJson: Json | undefined, migrationInfo: Json | undefined, account: string) =>
    NEAR_MPC.restoreRequest(
      {
        block: { height: 1n, hash: 'b', timestampMs: NOW_MS },
        state: parseProtocolState(stateJson ?? null),
        migrationInfo: parseMigrationInfo(migrationInfo ?? null),
        stateJson: stateJson ?? null,
      },
      account,
    )
  t.like(asked(state, underWay, 'op0.near'), { claim: 'migration', standing: 'open', url: 'http://new.example:8079' })
  t.is(asked(state, underWay, 'op1.near'), undefined)
  t.is(asked(state, underWay, 'constructor'), undefined)
  t.is(asked(resharingState, paused, 'op0.near'), undefined)
  t.like(asked(resharingState, paused, 'op1.near'), { claim: 'migration', standing: 'paused' })
  t.is(asked(after, over, 'op0.near'), undefined)
})
