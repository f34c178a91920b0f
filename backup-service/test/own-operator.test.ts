import test from 'ava'
import {
  authorisationEvents,
  authorisationFacts,
  contractEvents,
  deliveryEvent,
  operatorEvents,
  operatorFacts,
  type OperatorFacts,
} from '../src/notify/own-operator.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { recovering, running } from './support/serving.ts'
import { ALICE, key, NEW_NODE_KEY, NODE_KEY, OWN_KEY, runningJson, viewOf } from './support/views.ts'

const who = { accountId: ALICE, ownTlsKey: OWN_KEY, home: '/home' }
const usual = operatorFacts(viewOf(running), ALICE)
const asked = operatorFacts(viewOf(recovering), ALICE)
const having = (changes: Partial<OperatorFacts>): OperatorFacts => ({ ...usual, ...changes })
const recovery = { ...(asked.recovery ?? never()) }
const participant = { ...(usual.participant ?? never()) }
const migration = { tlsKey: key(6), signerKey: key(7), url: 'http://there:1' }

function never(): never {
  throw new TypeError('the fixture lacks it')
}

test('operator - should be read from the view', (t) => {
  t.deepEqual(usual, {
    participant: { participantId: 0, tlsKey: NODE_KEY, url: 'http://127.0.0.1:3000', incarnation: 0n },
    backupService: { tlsKey: OWN_KEY, signerKey: null },
    migration: null,
    recovery: null,
  })
  t.like(asked.recovery, { tlsKey: NEW_NODE_KEY, delivered: false })
  const stranger = runningJson(dealKeyset().json, [{ accountId: 'constructor', participantId: 0 }])
  t.is(operatorFacts(viewOf({ Running: stranger }, { registered: null }), ALICE).participant, null)
})

const table: [
  title: string,
  before: OperatorFacts | null,
  after: OperatorFacts,
  expected: [key: string, severity: string, said: RegExp][],
][] = [
  ['nothing changed', usual, usual, []],
  ['nobody looked before and nothing is under way', null, usual, []],
  ['a recovery is requested', usual, asked, [['recovery', 'critical', /requested.*backup deny/]]],
  ['a recovery is under way at the first look', null, asked, [['recovery', 'critical', /requested/]]],
  [
    'another recovery took the place of one',
    asked,
    having({ recovery: { ...recovery, requestedAt: 1n } }),
    [['recovery', 'critical', /requested/]],
  ],
  [
    'the shares were delivered',
    asked,
    having({ recovery: { ...recovery, delivered: true } }),
    [['restore', 'critical', /delivered/]],
  ],
  [
    'a recovery was requested and served unseen',
    usual,
    having({ recovery: { ...recovery, delivered: true } }),
    [
      ['recovery', 'critical', /requested/],
      ['restore', 'critical', /delivered/],
    ],
  ],
  [
    'the recovery is concluded',
    asked,
    having({ participant: { ...participant, tlsKey: recovery.tlsKey, incarnation: 1n } }),
    [
      ['recovery', 'critical', /concluded/],
      ['participant', 'critical', /replaced.*incarnation 0.*incarnation 1/],
    ],
  ],
  ['the recovery was called off', asked, usual, [['recovery', 'warning', /cancelled, dropped or expired/]]],
  [
    'a whole recovery passed unseen',
    usual,
    having({ participant: { ...participant, tlsKey: key(8), incarnation: 1n } }),
    [['participant', 'critical', /replaced/]],
  ],
  [
    'the node was replaced and back again unseen',
    usual,
    having({ participant: { ...participant, incarnation: 2n } }),
    [['participant', 'critical', /replaced/]],
  ],
  [
    'the node moved',
    usual,
    having({ participant: { ...participant, url: 'http://b:1' } }),
    [['participant', 'warning', /http:\/\/b:1/]],
  ],
  ['the operator was left out', usual, having({ participant: null }), [['participant', 'critical', /no more/]]],
  ['the operator takes part now', having({ participant: null }), usual, [['participant', 'info', /takes part/]]],
  [
    'another backup service was registered',
    usual,
    having({ backupService: { tlsKey: key(5), signerKey: null } }),
    [['registration', 'critical', /another backup service/]],
  ],
  [
    'the registered signer key changed',
    usual,
    having({ backupService: { tlsKey: OWN_KEY, signerKey: key(5) } }),
    [['registration', 'info', /this backup service/]],
  ],
  [
    'this backup service was registered',
    having({ backupService: null }),
    usual,
    [['registration', 'info', /this backup/]],
  ],
  ['the registration is gone', usual, having({ backupService: null }), [['registration', 'critical', /no registered/]]],
  ['a migration was started', usual, having({ migration }), [['migration', 'critical', /started/]]],
  ['a migration is under way at the first look', null, having({ migration }), [['migration', 'critical', /started/]]],
  [
    'the migration goes elsewhere',
    having({ migration }),
    having({ migration: { ...migration, tlsKey: key(5) } }),
    [['migration', 'critical', /started/]],
  ],
  ['the migration is withdrawn', having({ migration }), usual, [['migration', 'warning', /withdrawn/]]],
  [
    'the migration is concluded, on a network that counts no incarnations',
    having({ migration }),
    having({ participant: { ...participant, tlsKey: migration.tlsKey } }),
    [
      ['participant', 'critical', /replaced(?!.*incarnation)/],
      ['migration', 'critical', /concluded/],
    ],
  ],
]
for (const [title, before, after, expected] of table) {
  test(`operator - should be told, whatever level was asked for, when ${title}`, (t) => {
    const events = operatorEvents(before, after, who)
    t.deepEqual(
      events.map(({ key, severity }) => [key, severity]),
      expected.map(([key, severity]) => [key, severity]),
    )
    for (const [index, { title: said, text, always }] of events.entries()) {
      t.true(always)
      t.regex(`${said} ${text}`, expected[index]?.[2] ?? /never/)
    }
  })
}

test('authorisation - should be told when it appears, changes or goes, and not twice', (t) => {
  const one = authorisationFacts({ tls_public_key: key(2), signer_account_pk: key(3), expires_at: 10n ** 18n })
  const other = authorisationFacts({ tls_public_key: key(4), signer_account_pk: key(3), expires_at: 10n ** 18n })
  const longer = authorisationFacts({ tls_public_key: key(2), signer_account_pk: key(3), expires_at: 2n * 10n ** 18n })
  const told = (before: typeof one, after: typeof one): string[] =>
    authorisationEvents(before, after, ALICE, '/home').map(({ severity, title }) => `${severity} ${title}`)
  const appeared = [`critical a new node of ${ALICE} was authorised`]
  t.deepEqual(told(null, one), appeared)
  t.deepEqual(told('unread', one), appeared)
  t.deepEqual(told(one, other), appeared)
  t.deepEqual(told(one, longer), appeared)
  t.deepEqual(told(one, one), [])
  t.deepEqual(told(one, 'unread'), [])
  t.deepEqual(told('unread', null), [])
  t.deepEqual(told(one, null), [`info the authorisation of a new node of ${ALICE} is gone`])
  t.regex(
    authorisationEvents(null, one, ALICE, '/home')[0]?.text ?? '',
    new RegExp(`deny --home /home --destination-key ${key(2)}`),
  )
})

test('a contract that was replaced - should be told once, with what it was', (t) => {
  t.deepEqual(contractEvents(null, 'near-mpc 3.14.1'), [])
  t.deepEqual(contractEvents('near-mpc 3.14.1', 'near-mpc 3.14.1'), [])
  const [notice, ...more] = contractEvents('near-mpc 3.14.1', 'near-mpc 3.15.0')
  t.deepEqual(more, [])
  t.like(notice, { key: 'contract', severity: 'warning', title: 'the contract is near-mpc 3.15.0 now' })
  t.regex(notice?.text ?? '', /It was near-mpc 3\.14\.1\./)
})

test('a delivery that no contract tells of - should be told with where it went, and how far it is proved', (t) => {
  const destination = { host: '10.0.0.7', port: 8079, tlsPublicKey: key(2) }
  const notice = deliveryEvent(ALICE, { destination }, { delivery: 'read-back', provedGenuine: false })
  t.like(notice, { key: 'restore', severity: 'critical', always: true })
  t.regex(notice.text, /10\.0\.0\.7:8079/)
  t.true(notice.text.includes(key(2)))
  t.regex(notice.text, /has shown that it holds them\. Each matches the group key; not provable on this network\./)
  const said = deliveryEvent(ALICE, { destination }, { delivery: 'said', provedGenuine: true })
  t.regex(said.text, /said that it received them, and more is not known\. Each was proved genuine\./)
})
