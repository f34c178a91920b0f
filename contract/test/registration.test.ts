import test from 'ava'
import { CANDIDATES_MAX } from '../src/candidates.ts'
import { caitSithKey, ed25519Key } from './support/keys.ts'
import { newNode, recover } from './support/recovering.ts'
import { domain, fresh, initializing, operator, running, SECOND, START, tlsKey, type World } from './support/world.ts'

const full = (i: number, deposit = 1n) => ({ account: operator(i), deposit })
const info = (n: number) => ({ url: `http://c${n}:1`, tls_public_key: ed25519Key(n) })

test('register_backup_service - should register, replace and be seen in migration_info', (t) => {
  const world = running()
  const first = { public_key: ed25519Key(70) }
  const second = { public_key: ed25519Key(71), signer_account_pk: ed25519Key(72) }
  world.do(full(1), 'register_backup_service', { backup_service_info: first })
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [first, null] })
  const { events } = world.do(full(1), 'register_backup_service', { backup_service_info: first })
  t.deepEqual(events, [], 'a repetition changes nothing')
  world.do(full(1), 'register_backup_service', { backup_service_info: second })
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [second, null] })
})

test('register_backup_service - should work in every state and give the excess deposit back', (t) => {
  for (const world of [fresh(), initializing([domain(0)]), running()]) {
    const outcome = world.call(full(1, 5n), 'register_backup_service', {
      backup_service_info: { public_key: ed25519Key(70) },
    })
    t.is(outcome.refused, null)
    t.is(outcome.refund, 4n)
  }
  const world = running()
  recover(world, 0)
  t.is(
    world.call(full(1), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(70) } }).refused,
    null,
  )
})

test('register_backup_service - should refuse function-call keys, outsiders, taken and malformed keys', (t) => {
  const world = running()
  const register = (by: { account: string; deposit?: bigint }, backup_service_info: unknown) =>
    world.call(by, 'register_backup_service', { backup_service_info }).code
  t.is(register({ account: operator(1) }, { public_key: ed25519Key(70) }), 'DEPOSIT_REQUIRED')
  t.is(register({ account: 'eve.near', deposit: 1n }, { public_key: ed25519Key(70) }), 'NOT_PARTICIPANT')
  t.is(register(full(1), undefined), 'MISSING_ARGUMENT')
  t.is(register(full(1), { public_key: 'nope' }), 'INVALID_ARGUMENT')
  t.is(register(full(1), { public_key: ed25519Key(70), name: 'x' }), 'UNKNOWN_ARGUMENT')
  t.is(register(full(1), { public_key: tlsKey(1) }), 'TLS_KEY_TAKEN', 'the own node’s')
  t.is(register(full(1), { public_key: tlsKey(0) }), 'TLS_KEY_TAKEN', 'another node’s')
  t.deepEqual(world.migrationInfo(), {})
})

test('submit_participant_info - should refuse whom no client could read: an access key that is not Ed25519', (t) => {
  const world = running()
  const by = { account: 'eve.near', key: caitSithKey(2).public_key }
  t.is(world.call(by, 'submit_participant_info', { participant_info: info(90) }).code, 'INVALID_ARGUMENT')
  t.deepEqual(world.candidates(), {})
})

test('authorize_node - should record both keys and the expiry, default and asked for', (t) => {
  const world = running()
  const keys = { tls_public_key: ed25519Key(80), signer_account_pk: ed25519Key(81) }
  t.is(world.authorization(operator(1)), null)
  world.do(full(1), 'authorize_node', keys)
  t.deepEqual(world.authorization(operator(1)), { ...keys, expires_at: String(START + 86_400n * SECOND) })
  world.do(full(1), 'authorize_node', { ...keys, expires_in_seconds: 1 })
  t.deepEqual(world.authorization(operator(1)), { ...keys, expires_at: String(START + SECOND) })
})

test('authorize_node - should refuse function-call keys, outsiders and malformed arguments', (t) => {
  const world = running()
  const keys = { tls_public_key: ed25519Key(80), signer_account_pk: ed25519Key(81) }
  const code = (by: { account: string; deposit?: bigint }, args: object) => world.call(by, 'authorize_node', args).code
  t.is(code({ account: operator(1) }, keys), 'DEPOSIT_REQUIRED')
  t.is(code({ account: 'eve.near', deposit: 1n }, keys), 'NOT_PARTICIPANT')
  t.is(code(full(1), { tls_public_key: keys.tls_public_key }), 'MISSING_ARGUMENT')
  t.is(code(full(1), { ...keys, tls_public_key: 5 }), 'INVALID_ARGUMENT')
  for (const seconds of [0, -1, 1.5, 2_592_001, '60']) {
    t.is(code(full(1), { ...keys, expires_in_seconds: seconds }), 'INVALID_ARGUMENT', `${seconds}`)
  }
  t.is(code(full(1), { ...keys, expires_in_seconds: 2_592_000 }), null)
  t.is(code(full(1), { ...keys, url: 'x' }), 'UNKNOWN_ARGUMENT')
})

test('authorize_node - should claim no TLS key before it is used', (t) => {
  const world = running()
  const keys = { tls_public_key: ed25519Key(80), signer_account_pk: ed25519Key(81) }
  world.do(full(1), 'authorize_node', keys)
  t.is(world.call(full(0), 'authorize_node', keys).refused, null)
})

test('revoke_node_authorization - should withdraw it, and be an error where there is none', (t) => {
  const world = running()
  t.is(world.call(full(1), 'revoke_node_authorization', {}).code, 'NOT_AUTHORIZED')
  recover(world, 1)
  t.is(world.call({ account: operator(1) }, 'revoke_node_authorization', {}).code, 'DEPOSIT_REQUIRED')
  t.is(world.call(full(1, 4n), 'revoke_node_authorization', {}).refund, 3n)
  t.is(world.authorization(operator(1)), null)
  t.is(world.kind(), 'Recovery', 'the recovery it began goes on')
})

test('submit_participant_info - should make a candidate of anybody who is no participant, in any state', (t) => {
  const world = running()
  recover(world, 0)
  world.do({ account: 'new.near', key: ed25519Key(91) }, 'submit_participant_info', { participant_info: info(90) })
  t.deepEqual(world.candidates(), { 'new.near': { ...info(90), signer_account_pk: ed25519Key(91) } })
  const named = { participant_info: info(92), signer_account_pk: ed25519Key(93) }
  world.do('new.near', 'submit_participant_info', named)
  t.deepEqual(world.candidates(), { 'new.near': { ...info(92), signer_account_pk: ed25519Key(93) } })
  t.deepEqual(world.do('new.near', 'submit_participant_info', named).events, [], 'a repetition changes nothing')
})

test('submit_participant_info - should let a participant repeat its own info and nothing else', (t) => {
  const world = running()
  const current = { url: 'http://node1.example:80', tls_public_key: tlsKey(1) }
  const submit = (participant_info: object) =>
    world.call({ account: operator(1) }, 'submit_participant_info', { participant_info }).code
  t.is(submit(current), null)
  t.is(submit({ ...current, url: 'http://other:1' }), 'PARTICIPANT_INFO_MISMATCH')
  t.is(submit({ ...current, tls_public_key: ed25519Key(90) }), 'PARTICIPANT_INFO_MISMATCH')
  t.deepEqual(world.candidates(), {})
})

test('submit_participant_info - should refuse TLS keys that others hold', (t) => {
  const world = running()
  world.do(full(2), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(70) } })
  recover(world, 2)
  world.do('first.near', 'submit_participant_info', { participant_info: info(90) })
  for (const key of [tlsKey(0), newNode(2).tls, ed25519Key(70), ed25519Key(90)]) {
    const participant_info = { url: 'http://x:1', tls_public_key: key }
    t.is(world.call({ account: 'second.near' }, 'submit_participant_info', { participant_info }).code, 'TLS_KEY_TAKEN')
  }
})

/** As many candidates as there is room for, c0.near the oldest. */
function fullOfCandidates(): World {
  const world = fresh()
  for (let i = 0; i < CANDIDATES_MAX; i++) submit(world, `c${i}.near`, 1_000 + i)
  return world
}

/** The account becomes a candidate with the nth keys; the event that comes first of it. */
function submit(world: World, account: string, n: number): unknown {
  return world.do(account, 'submit_participant_info', { participant_info: info(n) }).events[0]
}

/** Operator 0 votes for these newcomers. */
function propose(world: World, newcomers: number): void {
  const { participants } = world.body().parameters.participants
  const joining = Array.from({ length: newcomers }, (_, i) => [`c${i}.near`, participants.length + i, info(1_000 + i)])
  const next_id = participants.length + newcomers
  const parameters = {
    participants: { next_id, participants: [...participants, ...joining] },
    threshold: Math.ceil(0.6 * next_id),
  }
  world.do(operator(0), 'vote_new_parameters', {
    prospective_epoch_id: 1,
    proposal: { parameters, per_domain_thresholds: {} },
  })
}

const evicted = (account_id: string) => ({ event: 'candidate_removed', data: { account_id, reason: 'evicted' } })

test('submit_participant_info - should bound what strangers can store: the oldest candidate makes room', (t) => {
  const world = fullOfCandidates()
  // the first one shows itself again, so the second is the oldest
  submit(world, 'c0.near', 2_000)
  t.like(submit(world, 'late.near', 2_001), evicted('c1.near'))
  t.is(Object.keys(world.candidates()).length, CANDIDATES_MAX)
  t.true('c0.near' in world.candidates())
})

test('submit_participant_info - should push nobody out whom a proposal names, as long as there is somebody else', (t) => {
  const world = fullOfCandidates()
  propose(world, 2)
  t.like(submit(world, 'late.near', 2_001), evicted('c2.near'))
  // the vote is for another proposal now
  propose(world, 1)
  t.like(submit(world, 'later.near', 2_002), evicted('c1.near'))

  const named = fullOfCandidates()
  propose(named, CANDIDATES_MAX)
  t.like(submit(named, 'late.near', 2_001), evicted('c0.near'), 'all are named')
})

test('accounts - should not be mistaken for what every object has', (t) => {
  const world = running()
  t.is(world.authorization('constructor'), null)
  t.is(world.call({ account: 'constructor' }, 'submit_participant_info', { participant_info: info(90) }).refused, null)
  t.deepEqual(Object.keys(world.candidates()), ['constructor'])
})
