import test from 'ava'
import { blsKey, caitSithKey, ed25519Key, frostKey } from './support/keys.ts'
import { conclude, newNode, recover } from './support/recovering.ts'
import { domain, fresh, generateKeys, initializing, operator, running, type World } from './support/world.ts'

const EVENT = { epoch_id: 0, domain_id: 0, attempt_id: 0 }

function started(protocol = 'Frost', t = 2): World {
  const world = initializing([domain(0, protocol, t)])
  world.do(operator(0), 'start_keygen_instance', { key_event_id: EVENT })
  return world
}

function vote(world: World, i: number, key: object, attempt_id = 0) {
  return world.call({ account: operator(i) }, 'vote_pk', { key_event_id: { ...EVENT, attempt_id }, ...key })
}

test('vote_add_domains - should enter Initializing when every participant votes for the same list', (t) => {
  const world = fresh()
  const domains = [domain(0), domain(1, 'CaitSith')]
  world.do(operator(0), 'vote_add_domains', { domains })
  world.do(operator(1), 'vote_add_domains', { domains })
  t.deepEqual(world.body().add_domains_votes.proposal_by_account, { 0: domains, 1: domains })
  world.do(operator(2), 'vote_add_domains', { domains })
  t.is(world.kind(), 'Initializing')
  t.deepEqual(world.body().domains, { domains, next_domain_id: 2 })
  t.deepEqual(world.body().generating_key.domain, domains[0])
})

test('vote_add_domains - should count the latest vote of each participant only', (t) => {
  const world = fresh()
  world.do(operator(0), 'vote_add_domains', { domains: [domain(0)] })
  world.do(operator(0), 'vote_add_domains', { domains: [domain(0, 'CaitSith')] })
  world.do(operator(1), 'vote_add_domains', { domains: [domain(0)] })
  world.do(operator(2), 'vote_add_domains', { domains: [domain(0)] })
  t.is(world.kind(), 'Running')
  world.do(operator(0), 'vote_add_domains', { domains: [domain(0)] })
  t.is(world.kind(), 'Initializing')
})

const refused = test.macro({
  exec(t, _what: string, domains: unknown, code: string) {
    t.is(fresh(5, 3).call({ account: operator(0) }, 'vote_add_domains', { domains }).code, code)
  },
  title: (_, what, _domains, code) => `vote_add_domains - should refuse ${what} with ${code}`,
})
test(refused, 'an empty list', [], 'INVALID_DOMAINS')
test(refused, 'no list', undefined, 'MISSING_ARGUMENT')
test(
  refused,
  'a list of 33',
  Array.from({ length: 33 }, (_, i) => domain(i)),
  'INVALID_ARGUMENT',
)
test(refused, 'ids that do not begin at next_domain_id', [domain(1)], 'INVALID_DOMAINS')
test(refused, 'ids with a gap', [domain(0), domain(2)], 'INVALID_DOMAINS')
test(refused, 'an unknown protocol', [domain(0, 'Schnorr')], 'INVALID_ARGUMENT')
test(refused, 'a purpose that the protocol does not serve', [{ ...domain(0), purpose: 'CKD' }], 'INVALID_DOMAINS')
test(refused, 'ForeignTx with Frost', [{ ...domain(0), purpose: 'ForeignTx' }], 'INVALID_DOMAINS')
test(refused, 'a reconstruction threshold of 1', [domain(0, 'Frost', 1)], 'INVALID_THRESHOLD')
test(refused, 'a reconstruction threshold above n', [domain(0, 'Frost', 6)], 'INVALID_THRESHOLD')
test(refused, 'one above the governance threshold', [domain(0, 'Frost', 4)], 'INVALID_THRESHOLD')
test(refused, 'DamgardEtAl with 2t - 1 above n', [domain(0, 'DamgardEtAl', 4)], 'INVALID_THRESHOLD')
test(refused, 'a curve that is not the protocol’s', [{ ...domain(0), curve: 'Secp256k1' }], 'INVALID_DOMAINS')
test(refused, 'an unknown field', [{ ...domain(0), name: 'x' }], 'UNKNOWN_ARGUMENT')

test('vote_add_domains - should tolerate the curve that older clients send', (t) => {
  const world = fresh()
  world.do(operator(0), 'vote_add_domains', { domains: [{ ...domain(0), curve: 'Edwards25519' }] })
  t.deepEqual(world.body().add_domains_votes.proposal_by_account, { 0: [domain(0)] })
})

test('vote_add_domains - should refuse outsiders and other states', (t) => {
  t.is(fresh().call({ account: 'eve.near' }, 'vote_add_domains', { domains: [domain(0)] }).code, 'NOT_PARTICIPANT')
  const world = initializing([domain(0)])
  t.is(world.call({ account: operator(0) }, 'vote_add_domains', { domains: [domain(1)] }).code, 'WRONG_STATE')
})

test('key generation - should reach Running with every key, its attempt and its commitments', (t) => {
  const world = initializing([domain(0), domain(1, 'CaitSith'), domain(2, 'ConfidentialKeyDerivation')])
  world.do(operator(0), 'start_keygen_instance', { key_event_id: EVENT })
  world.do(operator(2), 'vote_abort_key_event_instance', { key_event_id: EVENT })
  generateKeys(world)
  const { keyset } = world.state().Running
  t.deepEqual(keyset.domains[0].commitments, frostKey(2, 1).commitments)
  t.is(keyset.domains[0].attempt, 1)
  t.is(keyset.domains[0].key.Ed25519.near_public_key_compressed, frostKey(2, 1).public_key)
  t.is(keyset.domains[0].key.Ed25519.edwards_point.length, 32)
  t.deepEqual(keyset.domains[1].key, { Secp256k1: { near_public_key: caitSithKey(2, 2).public_key } })
  t.deepEqual(keyset.domains[2], {
    domain_id: 2,
    key: { Bls12381: { public_key: blsKey(3).public_key } },
    attempt: 0,
    commitments: null,
  })
})

test('key generation - should keep the epoch and the earlier keys when a domain is added', (t) => {
  const world = running()
  const before = world.body().keyset
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  t.deepEqual(world.body().generated_keys, before.domains)
  generateKeys(world)
  t.deepEqual(world.body().keyset.domains.slice(0, 2), before.domains)
  t.is(world.body().keyset.epoch_id, 0)
})

test('start_keygen_instance - should be the leader’s, once at a time, with the next attempt', (t) => {
  const world = initializing([domain(0)])
  const start = (i: number, event: object) =>
    world.call({ account: operator(i) }, 'start_keygen_instance', { key_event_id: { ...EVENT, ...event } }).code
  t.is(start(1, {}), 'NOT_LEADER')
  t.is(start(0, { epoch_id: 1 }), 'KEY_EVENT_MISMATCH')
  t.is(start(0, { domain_id: 1 }), 'KEY_EVENT_MISMATCH')
  t.is(start(0, { attempt_id: 1 }), 'KEY_EVENT_MISMATCH')
  t.is(start(0, {}), null)
  t.is(start(0, { attempt_id: 1 }), 'KEY_EVENT_ACTIVE')
  t.is(world.call({ account: 'eve.near' }, 'start_keygen_instance', { key_event_id: EVENT }).code, 'NOT_PARTICIPANT')
  t.is(running().call({ account: operator(0) }, 'start_keygen_instance', { key_event_id: EVENT }).code, 'WRONG_STATE')
})

test('start_keygen_instance - should expire after key_event_timeout_blocks, as near/mpc counts them', (t) => {
  const world = started()
  t.is(world.body().generating_key.instance.expires_on, world.height + 31)
  world.height += 30
  t.is(vote(world, 0, frostKey(2)).code, null)
  world.height += 1
  t.is(vote(world, 1, frostKey(2)).code, 'NO_ACTIVE_KEY_EVENT')
  t.is(
    world.call({ account: operator(0) }, 'start_keygen_instance', { key_event_id: { ...EVENT, attempt_id: 1 } }).code,
    null,
  )
})

test('vote_pk - should record key, commitments and voters', (t) => {
  const world = started()
  vote(world, 2, frostKey(2))
  vote(world, 0, frostKey(2))
  const { instance } = world.body().generating_key
  t.deepEqual(instance.completed, [0, 2])
  t.deepEqual(instance.commitments, frostKey(2).commitments)
  t.is(instance.public_key.Ed25519.near_public_key_compressed, frostKey(2).public_key)
  t.is(vote(world, 0, frostKey(2)).code, 'ALREADY_VOTED')
})

test('vote_pk - should end the attempt when a key differs', (t) => {
  const world = started()
  vote(world, 0, frostKey(2))
  const { events } = vote(world, 1, frostKey(2, 7))
  t.like(events[0], { event: 'key_event_attempt_aborted', data: { reason: 'disagreement', account_id: operator(1) } })
  t.is(world.body().generating_key.instance, null)
  t.is(vote(world, 2, frostKey(2)).code, 'NO_ACTIVE_KEY_EVENT')
})

test('vote_pk - should end the attempt when only a commitment differs', (t) => {
  const world = started()
  vote(world, 0, frostKey(2))
  const { public_key, commitments } = frostKey(2)
  vote(world, 1, { public_key, commitments: [commitments![0], frostKey(2, 7).commitments![0]] })
  t.is(world.body().generating_key.instance, null)
})

const badKey = test.macro({
  exec(t, _what: string, protocol: string, key: object, code: string) {
    const world = started(protocol)
    t.is(vote(world, 0, key).code, code)
    t.deepEqual(world.body().generating_key.instance.completed, [])
  },
  title: (_, what, protocol, _key, code) => `vote_pk - should refuse ${what} for ${protocol} with ${code}`,
})
const frost = frostKey(2)
const [c0, c1] = frost.commitments as [string, string]
const SMALL_ORDER = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
const IDENTITY = `01${'0'.repeat(62)}`
// p + 1: the identity's y, not reduced
const NOT_CANONICAL = `ee${'f'.repeat(60)}7f`
test(badKey, 'no commitments', 'Frost', { public_key: frost.public_key }, 'MISSING_ARGUMENT')
test(badKey, 'commitments that are no list', 'Frost', { ...frost, commitments: c0 }, 'INVALID_ARGUMENT')
test(badKey, 'too few commitments', 'Frost', { ...frost, commitments: [c0] }, 'INVALID_COMMITMENTS')
test(badKey, 'too many commitments', 'Frost', { ...frost, commitments: [c0, c1, c1] }, 'INVALID_COMMITMENTS')
test(badKey, 'another first commitment', 'Frost', { ...frost, commitments: [c1, c0] }, 'INVALID_COMMITMENTS')
test(
  badKey,
  'a commitment of small order',
  'Frost',
  { ...frost, commitments: [c0, SMALL_ORDER] },
  'INVALID_COMMITMENTS',
)
test(badKey, 'the identity as a commitment', 'Frost', { ...frost, commitments: [c0, IDENTITY] }, 'INVALID_COMMITMENTS')
test(badKey, 'a commitment not reduced', 'Frost', { ...frost, commitments: [c0, NOT_CANONICAL] }, 'INVALID_COMMITMENTS')
test(
  badKey,
  'an off-curve commitment',
  'Frost',
  { ...frost, commitments: [c0, `02${'0'.repeat(62)}`] },
  'INVALID_COMMITMENTS',
)
test(
  badKey,
  'an upper-case commitment',
  'Frost',
  { ...frost, commitments: [c0, c1.toUpperCase()] },
  'INVALID_COMMITMENTS',
)
test(badKey, 'a number as a commitment', 'Frost', { ...frost, commitments: [c0, 1] }, 'INVALID_ARGUMENT')
test(badKey, 'a secp256k1 key', 'Frost', caitSithKey(2), 'INVALID_PUBLIC_KEY')
test(badKey, 'an unknown argument', 'Frost', { ...frost, note: '' }, 'UNKNOWN_ARGUMENT')
const secp = caitSithKey(2)
test(badKey, 'an Ed25519 key', 'CaitSith', frost, 'INVALID_PUBLIC_KEY')
test(
  badKey,
  'a point off the curve',
  'CaitSith',
  { ...secp, public_key: `${secp.public_key.slice(0, -1)}2` },
  'INVALID_PUBLIC_KEY',
)
test(
  badKey,
  'an uncompressed commitment',
  'CaitSith',
  { ...secp, commitments: [secp.commitments![0], `04${'1'.repeat(128)}`] },
  'INVALID_COMMITMENTS',
)
test(
  badKey,
  'a commitment off the curve',
  'CaitSith',
  { ...secp, commitments: [secp.commitments![0], `02${'0'.repeat(63)}5`] },
  'INVALID_COMMITMENTS',
)

test('vote_pk - should have every commitment checked before the last vote, however many there are', (t) => {
  const members = 60
  const long = frostKey(members)
  // each vote checks 16: the first one those from 1 to 16
  for (const [bad, refusedVote] of [
    [1, 0],
    [16, 0],
    [17, 1],
    [32, 1],
    [33, 2],
    [59, 3],
  ] as const) {
    const world = initializing([domain(0, 'Frost', members)], members, members)
    world.do(operator(0), 'start_keygen_instance', { key_event_id: EVENT })
    const key = { ...long, commitments: long.commitments!.map((point, i) => (i === bad ? SMALL_ORDER : point)) }
    const codes = Array.from({ length: members }, (_, i) => vote(world, i, key).code)
    t.deepEqual(codes.slice(0, refusedVote + 1), [...new Array(refusedVote).fill(null), 'INVALID_COMMITMENTS'])
    // Nobody else gets past it either.
    t.true(codes.slice(refusedVote).every((code) => code === 'INVALID_COMMITMENTS'))
    t.is(world.kind(), 'Initializing')
  }
})

for (const [protocol, long] of [
  ['Frost', frostKey(20)],
  ['CaitSith', caitSithKey(20)],
] as const) {
  for (const text of ['no hex', '', 'ab'.repeat(100_000), long.commitments![17]!.toUpperCase()]) {
    test(`vote_pk - should let no vote show ${text.slice(0, 8) || 'nothing'} as a commitment of ${protocol}`, (t) => {
      const world = initializing([domain(0, protocol, 20)], 20, 20)
      world.do(operator(0), 'start_keygen_instance', { key_event_id: EVENT })
      // points there are for a later vote to check, but the state shows the whole list at once
      const commitments = long.commitments!.map((point, i) => (i === 17 ? text : point))
      t.is(vote(world, 0, { ...long, commitments }).code, 'INVALID_COMMITMENTS')
      t.deepEqual(world.body().generating_key.instance.completed, [])
    })
  }
}

const bls = blsKey()
test(badKey, 'commitments', 'ConfidentialKeyDerivation', { ...bls, commitments: [c0] }, 'INVALID_COMMITMENTS')
test(
  badKey,
  'a key of another length',
  'ConfidentialKeyDerivation',
  { public_key: `${bls.public_key}1` },
  'INVALID_PUBLIC_KEY',
)

test('vote_pk - should accept a BLS key without any word of commitments, as near/mpc clients send it', (t) => {
  const world = started('ConfidentialKeyDerivation')
  t.is(vote(world, 0, { public_key: bls.public_key }).code, null)
})

test('vote_pk - should take only the recorded signer key of an account that has recovered', (t) => {
  const world = running()
  recover(world, 1)
  conclude(world, 1)
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  const key_event_id = { epoch_id: 0, domain_id: 2, attempt_id: 0 }
  world.do(operator(0), 'start_keygen_instance', { key_event_id })
  const by = (key: string) => world.call({ account: operator(1), key }, 'vote_pk', { key_event_id, ...frost }).code
  t.is(by(ed25519Key(777)), 'WRONG_SIGNER_KEY')
  t.is(by(newNode(1).signer), null)
})

test('vote_pk - should compare attempts above 2^53 exactly', (t) => {
  const world = started()
  const text = JSON.stringify({ key_event_id: EVENT, ...frost })
  const odd = text.replace('"attempt_id":0', '"attempt_id":18446744073709551615')
  const { refused } = world.callText({ account: operator(0) }, 'vote_pk', odd)
  t.regex(refused!, /^KEY_EVENT_MISMATCH: .*attempt 18446744073709551615$/)
  t.is(world.callText({ account: operator(0) }, 'vote_pk', odd.replace('551615', '551616')).code, 'INVALID_ARGUMENT')
})

test('vote_abort_key_event_instance - should end the attempt for whoever has not voted', (t) => {
  const world = started()
  const abort = (account: string, event = EVENT) =>
    world.call({ account }, 'vote_abort_key_event_instance', { key_event_id: event }).code
  vote(world, 0, frost)
  t.is(abort(operator(0)), 'ALREADY_VOTED')
  t.is(abort('eve.near'), 'NOT_PARTICIPANT')
  t.is(abort(operator(1), { ...EVENT, attempt_id: 1 }), 'KEY_EVENT_MISMATCH')
  t.is(abort(operator(1)), null)
  t.is(abort(operator(1)), 'NO_ACTIVE_KEY_EVENT')
  t.is(world.body().generating_key.next_attempt_id, 1)
  t.is(
    running().call({ account: operator(0) }, 'vote_abort_key_event_instance', { key_event_id: EVENT }).code,
    'WRONG_STATE',
  )
})

test('vote_cancel_keygen - should drop the unfinished domains at threshold and never give their ids again', (t) => {
  const world = running()
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2), domain(3)] })
  const cancel = (account: string, next_domain_id: unknown = 4) =>
    world.call({ account }, 'vote_cancel_keygen', { next_domain_id }).code
  t.is(cancel(operator(0), 2), 'NEXT_DOMAIN_ID_MISMATCH')
  t.is(cancel('eve.near'), 'NOT_PARTICIPANT')
  t.is(cancel(operator(0), '4'), 'INVALID_ARGUMENT')
  t.is(cancel(operator(0)), null)
  t.is(cancel(operator(0)), null, 'a repeated vote changes nothing')
  t.deepEqual(world.body().cancel_votes, [0])
  const { events } = world.do(operator(2), 'vote_cancel_keygen', { next_domain_id: 4 })
  t.deepEqual(
    events.map(({ event }) => event),
    ['keygen_cancel_voted', 'keygen_cancelled', 'running_entered'],
  )
  t.is(world.kind(), 'Running')
  t.is(world.body().keyset.domains.length, 2)
  t.is(world.body().domains.domains.length, 2)
  t.is(world.call({ account: operator(0) }, 'vote_add_domains', { domains: [domain(2)] }).code, 'INVALID_DOMAINS')
  t.is(world.call({ account: operator(0) }, 'vote_add_domains', { domains: [domain(4)] }).code, null)
})
