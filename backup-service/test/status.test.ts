import test from 'ava'
import { assess, LEVELS, type Facts, type Level } from '../src/status/status.ts'
import { goodFacts as well } from './support/good-facts.ts'

const failure = { code: 'PEER_UNREACHABLE', message: 'cannot reach the node', at: '', times: 1, resolved: false }
const bare = { ...well, covered: false, snapshots: 0, last_backup: null }

const table: [title: string, facts: Facts, level: Level, says: RegExp, toDo: RegExp | null][] = [
  ['all is well', well, 'healthy', /epoch 5 are backed up and verified$/, null],
  [
    'the keys that are ready are backed up, and more are on the way',
    { ...well, generating: true },
    'healthy',
    /epoch 5 that are ready \(domain 0; more are being generated\) are backed up/,
    null,
  ],
  ['an old failure is over', { ...well, last_error: { ...failure, resolved: true } }, 'healthy', /backed up/, null],
  [
    'only group keys could be compared',
    { ...well, last_backup: well.last_backup && { ...well.last_backup, proved_genuine: false } },
    'healthy',
    /backed up \(matches the group key; not provable on this network\)/,
    null,
  ],
  ['the chain cannot be read', { ...well, last_error: failure }, 'degraded', /backed up/, /cannot reach/],
  [
    'another service is registered',
    { ...well, registered: false, how_to_register: 'do this' },
    'degraded',
    /backed up/,
    /do this/,
  ],
  [
    'an endpoint lies',
    {
      ...well,
      endpoints: [
        {
          endpoint: 'rpc.example',
          state: 'lied',
          since: '2026-11-21T00:00:00.000Z',
          detail: 'another state',
          times: { lied: 1 },
        },
      ],
    },
    'degraded',
    /backed up/,
    /rpc\.example: lied/,
  ],
  [
    'a file is damaged',
    { ...well, damaged: [{ place: 'disk', kind: 'file-damaged', file: 'a.age', reason: 'torn' }] },
    'degraded',
    /backed up/,
    /a\.age in disk: torn/,
  ],
  [
    'a place is away',
    { ...well, places: [{ place: 's3://b/', state: 'failed', since: 'noon', reason: 'no answer' }] },
    'degraded',
    /backed up/,
    /the place s3:\/\/b\/ is in trouble since noon: no answer/,
  ],
  [
    'a backup is under way',
    { ...bare, doing: { kind: 'backup', reason: null, code: null } },
    'critical',
    /on the node only/,
    null,
  ],
  [
    'a backup fails',
    { ...bare, doing: { kind: 'backup', reason: null, code: null }, last_error: failure },
    'critical',
    /on the node only/,
    /cannot reach/,
  ],
  [
    'a new node waits for what was never backed up, and the present node does not answer',
    { ...bare, doing: { kind: 'backup', reason: 'the new node waits', code: null }, last_error: failure },
    'critical',
    /on the node only/,
    /cannot reach.*; the new node waits/,
  ],
  [
    'nothing can be restored',
    { ...bare, doing: { kind: 'refuse', reason: 'no snapshot', code: null } },
    'critical',
    /not backed up/,
    /no snapshot/,
  ],
  [
    'nothing can be restored, and a file cannot be used',
    {
      ...bare,
      doing: { kind: 'refuse', reason: 'no snapshot', code: null },
      damaged: [{ place: 'disk', kind: 'file-damaged', file: 'a.age', reason: 'torn' }],
    },
    'critical',
    /not backed up/,
    /no snapshot; look at a\.age too: torn/,
  ],
  [
    'a covered service must refuse',
    { ...well, doing: { kind: 'refuse', reason: 'register', code: null } },
    'degraded',
    /safe/,
    /register/,
  ],
  [
    'shares are given back',
    { ...well, doing: { kind: 'restore', reason: null, code: null } },
    'recovering',
    /given back/,
    null,
  ],
  [
    'the node has yet to conclude',
    { ...well, doing: { kind: 'idle', reason: 'awaiting-conclusion', code: null } },
    'recovering',
    /has yet to conclude/,
    null,
  ],
  [
    'the node is late to conclude',
    {
      ...well,
      doing: { kind: 'idle', reason: 'awaiting-conclusion', code: null },
      overdue: { since: 'noon', look_at: 'look there' },
    },
    'recovering',
    /has yet to conclude/,
    /first sent its shares at noon and does not conclude: look there/,
  ],
  [
    'the node is late to conclude, and is sent the shares once more',
    {
      ...well,
      doing: { kind: 'restore', reason: null, code: null },
      overdue: { since: 'noon', look_at: 'look there' },
    },
    'recovering',
    /given back/,
    /look there/,
  ],
  [
    'there is no key',
    { ...bare, live_keyset: null, doing: { kind: 'idle', reason: 'no-keyset', code: null } },
    'waiting',
    /no concluded key/,
    null,
  ],
  [
    'the account is no participant',
    { ...bare, doing: { kind: 'idle', reason: 'not-participating', code: null } },
    'waiting',
    /does not take part/,
    null,
  ],
  ['nothing was read yet', { ...bare, doing: null }, 'waiting', /not been read/, null],
  ['nothing was read yet, but snapshots are there', { ...well, doing: null }, 'degraded', /not been read/, null],
]

for (const [title, facts, level, says, toDo] of table) {
  test(`status - should be ${level} when ${title}`, (t) => {
    const status = assess(facts)
    t.is(status.level, level)
    t.regex(status.summary, says)
    if (toDo === null) t.is(status.to_do, null)
    else t.regex(status.to_do ?? '', toDo)
  })
}

test('status - should reach every level in this table', (t) => {
  t.deepEqual([...new Set(table.map(([, , level]) => level))].toSorted(), [...LEVELS].toSorted())
})
