import test from 'ava'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { ApprovalFacts } from '../src/approval/approval.ts'
import { decide, decisionKey, REDELIVER_AFTER_MS, type Decision, type Known } from '../src/decide.ts'
import { HOLDFAST } from '../src/network/holdfast.ts'
import { storedKeys, type Snapshot } from '../src/repository/snapshot.ts'
import { dealKeyset, type DealtKeyset } from './support/dealt-keyset.ts'
import { snapshotOf } from './support/snapshots.ts'
import {
  ALICE,
  key,
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
const superseded = dealKeyset({ attempt: 1n })
const older = dealKeyset({ epochId: 4n })
const digest = keysetDigest(live.keyset)

const APPROVED: ApprovalFacts = {
  policy: { mode: 'auto' },
  firstSeenMs: undefined,
  answers: { kind: 'read', answers: [] },
}
const snapshotFor = ({ keyset }: DealtKeyset, participantId = 0): Snapshot => snapshotOf(keyset, participantId)

function known(snapshots: Snapshot[] = [], lastDelivery?: Known['lastDelivery']): Known {
  const network = HOLDFAST
  return {
    network,
    accountId: ALICE,
    keysharesPort: 8079,
    ownTlsKey: OWN_KEY,
    snapshots,
    lastDelivery,
    approval: APPROVED,
  }
}

const running: Json = { Running: runningJson(live.json) }
const resharing = resharingJson(live.json)
function member(json: Json, ...path: string[]): Json {
  return path.reduce((value: Json, name) => (value as Record<string, Json>)[name] ?? null, json)
}
const initializing = (generated: Json): Json => ({
  Initializing: {
    domains: { domains: [], next_domain_id: 1 },
    epoch_id: 5,
    generated_keys: generated,
    generating_key: {
      epoch_id: 5,
      domain: { id: 0, protocol: 'Frost', reconstruction_threshold: 3, purpose: 'Sign' },
      parameters: member(running, 'Running', 'parameters'),
      instance: null,
      next_attempt_id: 0,
    },
  },
})
const ready = member(live.json, 'domains')
function recovery(recovering: Record<string, Json>): Json {
  return { Recovery: { previous_running_state: runningJson(live.json), recovering } }
}
function withCommitmentsOf(other: DealtKeyset): Snapshot {
  const snapshot = snapshotFor(live)
  const keys = snapshot.keys.map(({ epochId, domain }, i) => ({
    epochId,
    domain: { ...domain, commitments: other.keyset.domains[i]?.commitments ?? null },
  }))
  return { ...snapshot, keys }
}

const node = { host: '127.0.0.1', port: 8079, tlsPublicKey: NODE_KEY }
const destination = { host: '127.0.0.1', port: 8079, tlsPublicKey: NEW_NODE_KEY }
const covered = [snapshotFor(live)]
const asked = { destination: NEW_NODE_KEY, requestedAt: BigInt(NOW_MS - 1_000) * 1_000_000n }
const sentNow = { request: asked, atMs: NOW_MS - 500, times: 1 }

const table: [title: string, state: Json, known: Known, expected: Partial<Decision> & { kind: Decision['kind'] }][] = [
  ['back up what is live and not stored', running, known(), { kind: 'backup', node, participantId: 0 }],
  ['rest when covered', running, known(covered), { kind: 'idle', reason: 'covered' }],
  ['back up when only an older epoch is stored', running, known([snapshotFor(older)]), { kind: 'backup', node }],
  [
    'back up when only a superseded attempt is stored',
    running,
    known([snapshotFor(superseded)]),
    { kind: 'backup', node },
  ],
  [
    'back up when the stored commitments differ',
    running,
    known([withCommitmentsOf(superseded)]),
    { kind: 'backup', node },
  ],
  [
    "back up when another participant's shares are stored",
    running,
    known([snapshotFor(live, 3)]),
    { kind: 'backup', node },
  ],
  ['back up the previous keyset during a resharing', resharing, known(), { kind: 'backup', node, keyset: live.keyset }],
  ['rest during a resharing when covered', resharing, known(covered), { kind: 'idle', reason: 'covered' }],
  ['rest before anything exists', 'NotInitialized', known(), { kind: 'idle', reason: 'no-keyset' }],
  ['rest while the first key is generated', initializing([]), known(), { kind: 'idle', reason: 'no-keyset' }],
  [
    'back up the keys that are ready while more are generated',
    initializing(ready),
    known([snapshotFor(older)]),
    { kind: 'backup', node, participantId: 0, keyset: live.keyset },
  ],
  [
    'rest while more keys are generated and those that are ready are stored',
    initializing(ready),
    known(covered),
    { kind: 'idle', reason: 'covered' },
  ],
  [
    'rest when the keyset is empty',
    { Running: runningJson({ epoch_id: 0, domains: [] }) },
    known(),
    { kind: 'idle', reason: 'no-keyset' },
  ],
  [
    'rest when the account does not take part',
    { Running: runningJson(live.json, [{ accountId: 'bob.near', participantId: 0 }]) },
    known(),
    { kind: 'idle', reason: 'not-participating' },
  ],
  [
    'back up while somebody else recovers',
    recovery({ 'bob.near': recordJson({ participantId: 1 }) }),
    known(),
    { kind: 'backup', node },
  ],
  [
    'restore to the node that the record names',
    recovery({ [ALICE]: recordJson() }),
    known(covered),
    { kind: 'restore', destination, finish: { kind: 'call' }, participantId: 0 },
  ],
  [
    'refuse a restore without the live shares',
    recovery({ [ALICE]: recordJson() }),
    known([snapshotFor(older), snapshotFor(superseded)]),
    { kind: 'refuse', code: 'NOTHING_TO_RESTORE' },
  ],
  [
    'refuse a record of another participant id',
    recovery({ [ALICE]: recordJson({ participantId: 4 }) }),
    known(covered),
    { kind: 'refuse', code: 'RECORD_INCONSISTENT' },
  ],
  [
    'wait after the contract shows the delivery',
    recovery({ [ALICE]: recordJson({ delivered: { digest, agoMs: 2_000 } }) }),
    known(covered),
    { kind: 'idle', reason: 'awaiting-conclusion' },
  ],
  [
    'wait after a delivery that the contract does not show yet',
    recovery({ [ALICE]: recordJson() }),
    known(covered, sentNow),
    { kind: 'idle', reason: 'awaiting-conclusion' },
  ],
  [
    'deliver once more, without confirming, when nothing was concluded',
    recovery({ [ALICE]: recordJson({ delivered: { digest, agoMs: REDELIVER_AFTER_MS } }) }),
    known(covered),
    { kind: 'restore', finish: { kind: 'none' } },
  ],
  [
    'restore again when the delivery was of another keyset',
    recovery({ [ALICE]: recordJson({ delivered: { digest: keysetDigest(older.keyset), agoMs: 60_000 } }) }),
    known(covered),
    { kind: 'restore', finish: { kind: 'call' } },
  ],
  [
    'restore again for a new record, whatever went to the one before',
    recovery({ [ALICE]: recordJson({ tlsKey: key(3) }) }),
    known(covered, sentNow),
    { kind: 'restore' },
  ],
  [
    'not restore on an expired record',
    recovery({ [ALICE]: recordJson({ expiresInMs: 0 }) }),
    known(covered),
    { kind: 'idle', reason: 'covered' },
  ],
  [
    'refuse an url without a host',
    { Running: runningJson(live.json, [{ accountId: ALICE, participantId: 0, url: 'node:3000' }]) },
    known(),
    { kind: 'refuse', code: 'NODE_URL_INVALID' },
  ],
]

for (const [title, state, facts, expected] of table) {
  test(`decide - should ${title}`, (t) => {
    t.like(decide(viewOf(state), facts), expected)
  })
}

for (const [what, registered] of [
  ['nobody', null],
  ['another key', key(8)],
] as const) {
  test(`decide - should ask nothing of the node while ${what} is registered`, (t) => {
    const decision = decide(viewOf(running, { registered }), known())
    t.like(decision, { kind: 'refuse', code: 'NOT_REGISTERED' })
    t.true(decision.kind === 'refuse' && decision.message.includes(OWN_KEY))
    t.like(decide(viewOf(recovery({ [ALICE]: recordJson() }), { registered }), known(covered)), {
      code: 'NOT_REGISTERED',
    })
  })
}

test('decide - should name the domains that no snapshot has when it cannot restore', (t) => {
  const first = { ...live.keyset, domains: live.keyset.domains.slice(0, 1) }
  const refusal = (snapshots: Snapshot[]) => {
    const decision = decide(viewOf(recovery({ [ALICE]: recordJson() })), known(snapshots))
    return decision.kind === 'refuse' ? decision.message : decision.kind
  }
  const near = { ...snapshotFor(live), keys: storedKeys(first) }
  const partly = refusal([snapshotFor(older), { ...near, data: { ...near.data, file: 'near.age' } }])
  t.regex(partly, /the nearest snapshot near\.age lacks some; missing: domain 1 \(attempt 0\); held: epoch 4, 5;/)
  const none = refusal([snapshotFor(live, 3), snapshotFor(older)])
  t.regex(none, /any of them; missing: domain 0 \(attempt 0\), domain 1 \(attempt 0\); held: epoch 4;/)
})

test('decide - should take only an own property for a recovery record', (t) => {
  const facts = { ...known(covered), accountId: 'constructor' }
  const state = { Recovery: { previous_running_state: runningJson(live.json), recovering: {} } }
  t.notThrows(() => decide(viewOf(state), facts))
})

test('decisionKey - should differ with the keyset, the attempt, the address and the TLS key', (t) => {
  const states: Json[] = [
    running,
    { Running: runningJson(older.json) },
    { Running: runningJson(superseded.json) },
    { Running: runningJson(live.json, [{ accountId: ALICE, participantId: 0, tlsKey: NEW_NODE_KEY }]) },
    { Running: runningJson(live.json, [{ accountId: ALICE, participantId: 0, url: 'http://127.0.0.2:3000' }]) },
    { Running: runningJson(live.json, [{ accountId: ALICE, participantId: 1 }]) },
  ]
  const keys = states.map((state) => decisionKey(decide(viewOf(state), known())))
  t.is(new Set(keys).size, states.length)
  t.true(keys.indexOf(decisionKey(decide(viewOf(running, { atMs: NOW_MS + 1 }), known()))) === 0)
})
