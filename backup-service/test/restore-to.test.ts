import test from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import type { ApprovalFacts } from '../src/approval/approval.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import { nearMpc } from '../src/network/near-mpc.ts'
import { restoreByHand } from '../src/restore-by-hand.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { snapshotOf } from './support/snapshots.ts'
import {
  ALICE,
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
const snapshot = snapshotOf(live.keyset, 0)
const known = { network: HOLDFAST, accountId: ALICE, keysharesPort: 8079, ownTlsKey: OWN_KEY, snapshots: [snapshot] }
const there = { host: '10.0.0.7', port: 9000, tlsPublicKey: NEW_NODE_KEY }
const SILENT: ApprovalFacts['answers'] = { kind: 'read', answers: [] }

function recovering(record: Json = recordJson()): Json {
  return { Recovery: { previous_running_state: runningJson(live.json), recovering: { [ALICE]: record } } }
}

test('a restore that the contract shows - should go to its key at the address that was given', (t) => {
  const work = restoreByHand(viewOf(recovering()), there, known, SILENT)
  t.like(work, { kind: 'restore', snapshot, participantId: 0, finish: { kind: 'call' } })
  t.deepEqual(work.destination, there)
})

test('a restore that the contract does not show - should be refused', (t) => {
  for (const state of [{ Running: runningJson(live.json) }, recovering(recordJson({ expiresInMs: -1 }))])
    t.throws(() => restoreByHand(viewOf(state), there, known, SILENT), { code: 'RESTORE_NOT_ASKED', message: /alice/ })
})

test("a restore to another key than the contract's - should be refused, naming both", (t) => {
  const other = key(3)
  const error = t.throws(() => restoreByHand(viewOf(recovering()), { ...there, tlsPublicKey: other }, known, SILENT), {
    code: 'OTHER_DESTINATION',
  })
  t.true(error.message.includes(other))
  t.true(error.message.includes(NEW_NODE_KEY))
})

const refusal = test.macro<[Partial<typeof known>, ApprovalFacts['answers'], RegExp, Json?]>(
  (t, change, answers, message, state = recovering()) => {
    t.throws(() => restoreByHand(viewOf(state), there, { ...known, ...change }, answers), {
      code: 'RESTORE_REFUSED',
      message,
    })
  },
)
test('a restore of what no snapshot has - should be refused', refusal, { snapshots: [] }, SILENT, /missing: domain 0/)
test(
  'a restore from a superseded attempt - should be refused',
  refusal,
  { snapshots: [snapshotOf(dealKeyset({ attempt: 1n }).keyset, 0)] },
  SILENT,
  /missing: domain 0/,
)
test(
  'a restore to what was denied - should be refused: naming the key approves, and takes no denial back',
  refusal,
  {},
  { kind: 'read', answers: [{ destination: NEW_NODE_KEY, requestedAt: 0n, verdict: 'denied' }] },
  /denied/,
)
test(
  'a restore by a service that is not registered - should be refused',
  refusal,
  { ownTlsKey: key(8) },
  SILENT,
  /registered/,
)
test(
  'a restore that was delivered a moment ago - should wait',
  refusal,
  {},
  SILENT,
  /delivered a moment ago/,
  recovering(recordJson({ delivered: { digest: snapshot.keysetDigest, agoMs: 1_000 } })),
)
test('the time of the view - should be the one that counts', (t) => {
  const late = viewOf(recovering(recordJson({ expiresInMs: 5_000 })), { atMs: NOW_MS + 6_000 })
  t.throws(() => restoreByHand(late, there, known, SILENT), { code: 'RESTORE_NOT_ASKED' })
})

const migration = migrationJson()
const moving = viewOf({ Running: runningJson(live.json) }, { migration })

for (const network of [HOLDFAST, nearMpc('3.14.1')]) {
  test(`a migration on ${network.label} - should be served by hand under the same checks`, (t) => {
    const facts = { ...known, network }
    const work = restoreByHand(moving, there, facts, SILENT)
    t.like(work, { kind: 'restore', claim: 'migration', finish: { kind: 'read-back', keyset: live.json } })
    t.deepEqual(work.destination, there)
    const other = { ...there, tlsPublicKey: key(8) }
    const mistaken = t.throws(() => restoreByHand(moving, other, facts, SILENT), { code: 'OTHER_DESTINATION' })
    t.regex(mistaken?.message ?? '', /cancel-migration|cancel_node_migration/)
    const denied = { destination: NEW_NODE_KEY, requestedAt: 0n, verdict: 'denied' } as const
    t.throws(() => restoreByHand(moving, there, facts, { kind: 'read', answers: [denied] }), {
      code: 'RESTORE_REFUSED',
      message: /denied/,
    })
    t.throws(() => restoreByHand(moving, there, { ...facts, snapshots: [] }, SILENT), {
      code: 'RESTORE_REFUSED',
      message: /no backup of the live keyset yet/,
    })
    t.throws(() => restoreByHand(viewOf({ Running: runningJson(live.json) }), there, facts, SILENT), {
      code: 'RESTORE_NOT_ASKED',
      message: network.kind === 'holdfast' ? /holdfast authorise/ : /start_node_migration/,
    })
  })
}

test('a migration - should not be served by hand while the protocol is not Running', (t) => {
  const others = { 'bob.near': recordJson({ participantId: 1 }) }
  const recoveringOther = { Recovery: { previous_running_state: runningJson(live.json), recovering: others } }
  t.throws(() => restoreByHand(viewOf(recoveringOther, { migration }), there, known, SILENT), {
    code: 'RESTORE_REFUSED',
    message: /once the protocol is Running again/,
  })
})
