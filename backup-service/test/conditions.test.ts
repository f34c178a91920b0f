import test from 'ava'
import { conditionsOf } from '../src/notify/conditions.ts'
import { networkFacts } from '../src/notify/network-view.ts'
import { SEVERITY_OF_LEVEL } from '../src/notify/severity.ts'
import type { Facts } from '../src/status/status.ts'
import { NO_CHECKS, type Drill } from '../src/upkeep/checks.ts'
import { goodFacts } from './support/good-facts.ts'

const TIME = '2026-11-21T00:00:00.000Z'
const doing = (kind: NonNullable<Facts['doing']>['kind'], code: string | null = null): Partial<Facts> => ({
  doing: { kind, reason: 'because', code },
})
const endpoint = (state: Facts['endpoints'][number]['state']): Partial<Facts> => ({
  endpoints: [{ endpoint: 'rpc.example', state, since: TIME, detail: 'it said so', times: {} }],
})
const place = (state: 'ok' | 'failed'): Facts['places'][number] => ({
  place: state,
  state,
  since: TIME,
  reason: 'it is full',
})
const grade = (name: Facts['freshness']['grade']): Partial<Facts> => ({ freshness: { grade: name, since: TIME } })
const failing = {
  name: 'slack',
  kind: 'slack',
  waiting: 1,
  sent: 0,
  failed: 9,
  last_sent: null,
  failing: { since: TIME, reason: 'HTTP status 404' },
}
const lasting = { code: 'PEER_UNREACHABLE', message: 'cannot reach it', at: TIME, times: 9, resolved: false }

const failedDrill: Drill = {
  at: TIME,
  seconds: 1,
  epoch_id: 5n,
  keyset_digest: goodFacts.live_keyset?.keyset_digest ?? '',
  file: 'f.age',
  ciphertext_sha256: '',
  shares: 1,
  proved_genuine: true,
  failure: { code: 'DRILL_NOT_PROVED', message: 'it could not prove it' },
}

const table: [title: string, facts: Partial<Facts>, expected: [key: string, severity: string][]][] = [
  ['nothing when all is well', {}, []],
  ['nothing before anything was read', { doing: null, registered: false }, []],
  [
    'a backup that is not made',
    { doing: { kind: 'backup', reason: null, code: null }, covered: false },
    [['not-backed-up', 'critical']],
  ],
  [
    'a new node that waits for what was never backed up',
    { doing: { kind: 'backup', reason: 'x waits', code: null }, covered: false },
    [['cannot-restore', 'emergency']],
  ],
  [
    'a node that does not conclude',
    { doing: { kind: 'idle', reason: 'awaiting-conclusion', code: null }, overdue: { since: TIME, look_at: 'there' } },
    [['not-concluded', 'critical']],
  ],
  [
    'a node that does not conclude while it is sent the shares again',
    { ...doing('restore'), overdue: { since: TIME, look_at: 'there' } },
    [['not-concluded', 'critical']],
  ],
  ['a restore that waits', doing('hold'), [['restore-held', 'critical']]],
  ['a restore that was denied', doing('refuse', 'RESTORE_DENIED'), [['restore-denied', 'critical']]],
  ['a node that cannot be given its shares', doing('refuse', 'NOTHING_TO_RESTORE'), [['cannot-restore', 'emergency']]],
  ['a refusal', doing('refuse', 'NODE_URL_INVALID'), [['not-backed-up', 'critical']]],
  [
    'a missing registration, once',
    { ...doing('refuse', 'NOT_REGISTERED'), registered: false },
    [['not-registered', 'critical']],
  ],
  [
    'a missing registration that keeps shares from being backed up, as both',
    { ...doing('refuse', 'NOT_REGISTERED'), registered: false, covered: false },
    [
      ['not-backed-up', 'critical'],
      ['not-registered', 'critical'],
    ],
  ],
  ['a view that was never there', grade('unseen'), [['view-stale', 'critical']]],
  ['an old view', grade('conservative'), [['view-stale', 'warning']]],
  ['a closed view', grade('closed'), [['view-stale', 'critical']]],
  [
    'a drill that failed, above a file that cannot be used',
    {
      checks: { ...NO_CHECKS, drill: failedDrill },
      damaged: [{ place: 'disk', kind: 'file-damaged', file: 'x.age', reason: 'torn' }],
    },
    [
      ['not-restorable', 'critical'],
      ['repository-damaged', 'warning'],
    ],
  ],
  [
    'no failed drill of another keyset',
    { checks: { ...NO_CHECKS, drill: { ...failedDrill, keyset_digest: 'x' } } },
    [],
  ],
  [
    'a file that cannot be used',
    { damaged: [{ place: 'disk', kind: 'file-damaged', file: 'x.age', reason: 'torn' }] },
    [['repository-damaged', 'warning']],
  ],
  ['a failure that lasts', { last_error: lasting }, [['failing', 'warning']]],
  ['a restore that does not succeed', { ...doing('restore'), last_error: lasting }, [['failing', 'critical']]],
  ['no failure that is over', { last_error: { ...lasting, resolved: true } }, []],
  [
    'a place that failed beside one that did not',
    { places: [place('ok'), place('failed')] },
    [['place:failed', 'warning']],
  ],
  ['the only place that failed', { places: [place('failed')] }, [['place:failed', 'critical']]],
  ['an endpoint that lies', endpoint('lied'), [['endpoint:rpc.example', 'warning']]],
  ['an endpoint that flaps', endpoint('flapping'), [['endpoint:rpc.example', 'warning']]],
  ['a target that cannot be told', { notifications: [failing] }, [['target:slack', 'warning']]],
  ...(['recovering', 'degraded', 'critical', 'unavailable'] as const).map((level): (typeof table)[number] => [
    `a network that is ${level}`,
    { recoverability: { level, detail: '3 of 5' } },
    [['network', SEVERITY_OF_LEVEL[level]]],
  ]),
  ['nothing of a healthy network', { recoverability: { level: 'healthy', detail: '' } }, []],
]
for (const [title, facts, expected] of table) {
  test(`conditions - should name ${title}`, (t) => {
    const found = conditionsOf({ ...goodFacts, ...facts })
    t.deepEqual(
      found.map(({ key, severity }) => [key, severity]),
      expected,
    )
    for (const { text, title: said } of found) t.true(said.length > 10 && text.length > 3, said)
  })
}

test('conditions - should leave time to what heals by itself', (t) => {
  const graceOf = (facts: Partial<Facts>): number | undefined => conditionsOf({ ...goodFacts, ...facts })[0]?.graceMs
  t.is(graceOf(endpoint('unreachable')), 300_000)
  t.is(graceOf(endpoint('lied')), 0)
  t.is(graceOf({ doing: { kind: 'backup', reason: null, code: null }, covered: false }), 60_000)
  t.is(graceOf(doing('hold')), 0)
  t.is(graceOf(doing('refuse', 'NOTHING_TO_RESTORE')), 0)
})

test('the network - should be read from the contract’s recoverability, and from nothing else', (t) => {
  const domain = (level: string, live: number) => ({
    domain_id: 2,
    reconstruction_threshold: 3,
    participants: 5,
    live,
    stored: 5,
    drilled: 1,
    level,
  })
  const found = networkFacts({
    level: 'critical',
    epoch_id: 1,
    domains: [domain('healthy', 5), domain('critical', 3)],
    operators: {},
  })
  t.is(found?.level, 'critical')
  t.regex(found?.detail ?? '', /5 operators.*domain 2, 3 are live, 5 have stored.*1 have proved.*3 are needed/)
  t.is(networkFacts({ level: 'healthy', epoch_id: 0, domains: [], operators: {} })?.level, 'healthy')
  for (const other of [null, 'healthy', {}, { level: 'fine', domains: [] }, { level: 'critical' }])
    t.is(networkFacts(other), undefined)
})
