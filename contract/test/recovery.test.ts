import test from 'ava'
import { ed25519Key } from './support/keys.ts'
import { authorize, conclude, liveKeyset, newNode, recover, request } from './support/recovering.ts'
import { domain, operator, running, SECOND, START, tlsKey, type World } from './support/world.ts'

const op = (i: number) => ({ account: operator(i) })
const full = (i: number, deposit = 1n) => ({ account: operator(i), deposit })

test('recovery - should begin with one participant alone and pause only that account', (t) => {
  const world = running()
  const before = world.body()
  t.is(recover(world, 1).refused, null)
  const { Recovery } = world.state()
  t.deepEqual(Recovery.previous_running_state, before)
  t.deepEqual(Recovery.recovering, {
    [operator(1)]: {
      participant_id: 1,
      destination_node_info: { url: newNode(1).url, tls_public_key: newNode(1).tls },
      signer_account_pk: newNode(1).signer,
      requested_at: String(START),
      expires_at: String(START + 86_400n * SECOND),
      delivered: null,
    },
  })
})

test('recovery - should put the new node in place and count revision and incarnation', (t) => {
  const world = running()
  recover(world, 1)
  const { events } = conclude(world, 1)
  t.deepEqual(
    events.map(({ event }) => event),
    ['recovery_concluded', 'running_entered'],
  )
  const { Running } = world.state()
  t.is(Running.participants_revision, 1)
  t.deepEqual(Running.parameters.participants.participants[1], [
    operator(1),
    1,
    { url: newNode(1).url, tls_public_key: newNode(1).tls, incarnation: 1 },
  ])
  t.is(world.authorization(operator(1)), null, 'the authorisation is used up')
  recover(world, 1, 2)
  conclude(world, 1, 2)
  t.is(world.body().participants_revision, 2)
  t.is(world.body().parameters.participants.participants[1][2].incarnation, 2)
})

test('recovery - should let all participants recover at once and resume with the last one out', (t) => {
  const world = running(5, 3)
  for (let i = 0; i < 5; i++) t.is(recover(world, i).refused, null)
  t.is(Object.keys(world.body().recovering).length, 5)
  for (const i of [3, 0, 4, 1]) {
    t.is(conclude(world, i).refused, null)
    t.is(world.kind(), 'Recovery')
  }
  t.is(conclude(world, 2).refused, null)
  t.is(world.kind(), 'Running')
  t.is(world.body().participants_revision, 5)
})

test('submit_participant_recovery_info - should need an authorisation that still holds and names exactly these keys', (t) => {
  const world = running()
  const { tls, signer } = newNode(1)
  t.is(request(world, 1).code, 'NOT_AUTHORIZED')
  const allow = (tls_public_key: string, signer_account_pk: string, expires_in_seconds = 60) =>
    world.do(full(1), 'authorize_node', { tls_public_key, signer_account_pk, expires_in_seconds })
  allow(ed25519Key(555), signer)
  const mismatch = request(world, 1)
  t.is(mismatch.code, 'AUTHORIZATION_MISMATCH')
  for (const key of [ed25519Key(555), tls, signer]) t.true(mismatch.refused!.includes(key), `names ${key}`)
  allow(tls, ed25519Key(556))
  t.is(request(world, 1).code, 'AUTHORIZATION_MISMATCH')
  allow(tls, signer)
  world.now += 60n * SECOND
  t.is(request(world, 1).code, 'AUTHORIZATION_EXPIRED')
  allow(tls, signer)
  world.now += 60n * SECOND - 1n
  t.is(request(world, 1).code, null)
})

test('submit_participant_recovery_info - should not let a stolen signer key name a machine of its own', (t) => {
  const world = running()
  authorize(world, 1)
  const thief = { account: operator(1), key: ed25519Key(666) }
  const info = { url: 'http://thief:1', tls_public_key: ed25519Key(667) }
  t.is(world.call(thief, 'submit_participant_recovery_info', { participant_info: info }).code, 'AUTHORIZATION_MISMATCH')
  const named = { participant_info: info, signer_account_pk: newNode(1).signer }
  t.is(world.call(thief, 'submit_participant_recovery_info', named).code, 'WRONG_SIGNER_KEY')
})

test('submit_participant_recovery_info - should take the operator’s deposit for an authorisation', (t) => {
  const world = running()
  const { tls, signer, url } = newNode(1)
  const participant_info = { url, tls_public_key: tls }
  t.is(world.call(full(1), 'submit_participant_recovery_info', { participant_info }).code, 'MISSING_ARGUMENT')
  const outcome = world.call(full(1, 11n), 'submit_participant_recovery_info', {
    participant_info,
    signer_account_pk: signer,
  })
  t.is(outcome.refused, null)
  t.is(outcome.refund, 10n)
  t.is(conclude(world, 1).refused, null)
})

test('submit_participant_recovery_info - should refuse to prolong or change a pending recovery', (t) => {
  const world = running()
  recover(world, 1)
  const before = world.body()
  world.now += 5n * SECOND
  t.is(request(world, 1).code, 'ALREADY_RECOVERING')
  authorize(world, 1, 2)
  t.is(request(world, 1, 2).code, 'ALREADY_RECOVERING')
  t.deepEqual(world.body(), before)
})

test('submit_participant_recovery_info - should refuse outsiders, other states and the present TLS key', (t) => {
  const world = running()
  const participant_info = { url: 'http://x:1', tls_public_key: ed25519Key(1234) }
  t.is(
    world.call({ account: 'eve.near' }, 'submit_participant_recovery_info', { participant_info }).code,
    'NOT_PARTICIPANT',
  )
  const own = { participant_info: { url: 'http://x:1', tls_public_key: tlsKey(1) }, signer_account_pk: ed25519Key(9) }
  t.is(world.call(full(1), 'submit_participant_recovery_info', own).code, 'OWN_TLS_KEY')
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  t.is(recover(world, 1).code, 'WRONG_STATE')
})

test('submit_participant_recovery_info - should refuse TLS keys that others hold', (t) => {
  const world = running()
  world.do(full(2), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(300) } })
  recover(world, 2)
  const ask = (tls: string) =>
    world.call(full(1), 'submit_participant_recovery_info', {
      participant_info: { url: 'http://x:1', tls_public_key: tls },
      signer_account_pk: ed25519Key(9),
    }).code
  t.is(ask(tlsKey(0)), 'TLS_KEY_TAKEN', 'a current node')
  t.is(ask(newNode(2).tls), 'TLS_KEY_TAKEN', 'a recovering node')
  t.is(ask(ed25519Key(300)), 'TLS_KEY_TAKEN', 'a backup service')
})

test('submit_participant_recovery_info - should not be blocked by a stranger’s candidacy with the authorised key', (t) => {
  const world = running()
  authorize(world, 1)
  world.do('eve.near', 'submit_participant_info', {
    participant_info: { url: 'http://e:1', tls_public_key: newNode(1).tls },
  })
  const { refused, events } = request(world, 1)
  t.is(refused, null)
  t.like(events[0], { event: 'candidate_removed', data: { account_id: 'eve.near', reason: 'displaced' } })
  t.deepEqual(world.candidates(), {})
})

test('conclude_recovery - should be the new node’s alone', (t) => {
  const world = running()
  recover(world, 1)
  const keyset = liveKeyset(world)
  t.is(world.call({ ...op(1), key: ed25519Key(666) }, 'conclude_recovery', { keyset }).code, 'WRONG_SIGNER_KEY')
  t.is(world.call(op(0), 'conclude_recovery', { keyset }).code, 'NOT_RECOVERING')
  t.is(world.call({ account: 'eve.near' }, 'conclude_recovery', { keyset }).code, 'NOT_PARTICIPANT')
  t.is(running().call(op(1), 'conclude_recovery', { keyset }).code, 'WRONG_STATE')
})

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON that the test damages
type Keyset = any
const keysets = test.macro({
  exec(t, _what: string, change: (keyset: Keyset) => unknown, code: string | null) {
    const world = running()
    recover(world, 1)
    const keyset = liveKeyset(world)
    change(keyset)
    const outcome = world.call({ ...op(1), key: newNode(1).signer }, 'conclude_recovery', { keyset })
    t.is(outcome.code, code, outcome.refused ?? '')
    t.is(world.kind(), code === null ? 'Running' : 'Recovery')
  },
  title: (_, what, _change, code) => `conclude_recovery - should ${code === null ? 'accept' : 'refuse'} ${what}`,
})
test(keysets, 'the live keyset', () => undefined, null)
test(
  keysets,
  'a keyset without commitments and edwards_point, as older clients hold it',
  (k) => {
    for (const d of k.domains) delete d.commitments
    delete k.domains[0].key.Ed25519.edwards_point
  },
  null,
)
test(keysets, 'another epoch', (k) => (k.epoch_id = 1), 'KEYSET_MISMATCH')
test(keysets, 'another attempt', (k) => (k.domains[0].attempt = 7), 'KEYSET_MISMATCH')
test(keysets, 'the domains reversed', (k) => k.domains.reverse(), 'KEYSET_MISMATCH')
test(keysets, 'a domain less', (k) => k.domains.pop(), 'KEYSET_MISMATCH')
test(keysets, 'a domain twice', (k) => k.domains.push(k.domains[0]), 'KEYSET_MISMATCH')
test(
  keysets,
  'another key',
  (k) => (k.domains[0].key.Ed25519.near_public_key_compressed = tlsKey(5)),
  'KEYSET_MISMATCH',
)
test(keysets, 'other commitments', (k) => k.domains[0].commitments.reverse(), 'KEYSET_MISMATCH')
test(keysets, 'commitments of null where there are some', (k) => (k.domains[0].commitments = null), 'KEYSET_MISMATCH')
test(keysets, 'another edwards_point', (k) => (k.domains[0].key.Ed25519.edwards_point[0] ^= 1), 'KEYSET_MISMATCH')
test(keysets, 'an unknown field', (k) => (k.domains[0].note = 1), 'UNKNOWN_ARGUMENT')
test(keysets, 'keys of two curves for one domain', (k) => (k.domains[0].key.Secp256k1 = null), 'INVALID_ARGUMENT')
test(keysets, 'a key of no curve', (k) => (k.domains[0].key = {}), 'INVALID_ARGUMENT')
test(
  keysets,
  'an edwards_point beside a key of secp256k1',
  (k) => (k.domains[1].key.Secp256k1.edwards_point = []),
  'UNKNOWN_ARGUMENT',
)
test(keysets, 'commitments that are nested', (k) => (k.domains[0].commitments = [[[]]]), 'KEYSET_MISMATCH')
test(keysets, 'an epoch as text', (k) => (k.epoch_id = '0'), 'INVALID_ARGUMENT')
test(keysets, 'a domain without key', (k) => delete k.domains[0].key, 'MISSING_ARGUMENT')

test('conclude_recovery - should compare integers above 2^53 exactly', (t) => {
  const world = running()
  recover(world, 1)
  const input = JSON.stringify({ keyset: liveKeyset(world) }).replace('"attempt":0', '"attempt":9007199254740993')
  const { refused } = world.callText({ ...op(1), key: newNode(1).signer }, 'conclude_recovery', input)
  t.regex(refused!, /^KEYSET_MISMATCH: .*found 9007199254740993$/)
})

function expiring(world: World): void {
  world.now += 86_400n * SECOND
}

test('recovery - should end when its time is over, for good at that nanosecond', (t) => {
  const world = running()
  recover(world, 1)
  expiring(world)
  world.now -= 1n
  t.is(world.call(op(0), 'expire_recoveries', {}).events.length, 0)
  world.now += 1n
  t.is(conclude(world, 1).code, 'WRONG_STATE', 'an expired recovery cannot conclude')
  t.is(world.kind(), 'Recovery', 'and a refused call sweeps nothing')
  const { events } = world.call({ account: 'eve.near' }, 'expire_recoveries', {})
  t.like(events[0], { event: 'recovery_expired', data: { account_id: operator(1) } })
  t.is(world.kind(), 'Running')
  t.is(world.body().participants_revision, 0)
  t.not(world.authorization(operator(1)), null, 'the authorisation survives')
})

test('recovery - should be swept by any change call before it acts', (t) => {
  const world = running()
  recover(world, 1)
  expiring(world)
  world.do(operator(0), 'vote_add_domains', { domains: [domain(2)] })
  t.is(world.kind(), 'Running')
})

test('recovery - should expire one by one while others go on', (t) => {
  const world = running()
  recover(world, 1)
  world.now += 10n * SECOND
  recover(world, 2)
  expiring(world)
  world.now -= 10n * SECOND
  t.is(world.call(op(0), 'expire_recoveries', {}).events.length, 1)
  t.deepEqual(Object.keys(world.body().recovering), [operator(2)])
  t.is(conclude(world, 2).refused, null)
})

test('recovery - should end many that expire together in several calls, the caller’s own first, within NEAR’s log limits', (t) => {
  const world = running(100, 60)
  for (let i = 0; i < 100; i++) recover(world, i)
  expiring(world)
  t.is(conclude(world, 99).code, 'NOT_RECOVERING', 'the caller’s own has ended, whatever its turn')
  let swept = 0
  for (let calls = 0; world.kind() === 'Recovery'; calls++) {
    t.true(calls < 5)
    const { events } = world.call({ account: 'eve.near' }, 'expire_recoveries', {})
    t.true(events.length <= 100 && JSON.stringify(events).length < 16_384)
    swept += events.filter(({ event }) => event === 'recovery_expired').length
  }
  t.is(swept, 100)
})

test('recovery - should wait for the cooldown after expiry, counted from expires_at, for node and operator alike', (t) => {
  const world = running()
  recover(world, 1)
  expiring(world)
  world.now += 100n * SECOND
  authorize(world, 1)
  t.is(request(world, 1).code, 'COOLDOWN')
  const { tls, signer, url } = newNode(1, 2)
  const asked = { participant_info: { url, tls_public_key: tls }, signer_account_pk: signer }
  t.is(world.call(full(1), 'submit_participant_recovery_info', asked).code, 'COOLDOWN')
  world.now += 500n * SECOND
  t.is(request(world, 1).code, null)
})

test('cancel_recovery - should be the operator’s, with the cooldown from then on and the authorisation kept', (t) => {
  const world = running()
  recover(world, 1)
  t.is(world.call(op(1), 'cancel_recovery', {}).code, 'DEPOSIT_REQUIRED')
  t.is(world.call(full(0), 'cancel_recovery', {}).code, 'NOT_RECOVERING')
  t.is(world.call(full(1), 'cancel_recovery', { now: true }).code, 'UNKNOWN_ARGUMENT')
  const outcome = world.call(full(1, 3n), 'cancel_recovery', {})
  t.is(outcome.refund, 2n)
  t.is(world.kind(), 'Running')
  t.is(world.body().parameters.participants.participants[1][2].tls_public_key, tlsKey(1), 'the old info stays')
  t.is(request(world, 1).code, 'COOLDOWN')
  world.now += 600n * SECOND
  t.is(request(world, 1).code, null)
  t.is(running().call(full(1), 'cancel_recovery', {}).code, 'WRONG_STATE')
})

test('expire_recoveries - should do nothing where nothing has expired', (t) => {
  const world = running()
  const before = new Map(world.storage)
  t.is(world.call({ account: 'eve.near' }, 'expire_recoveries', {}).refused, null)
  t.deepEqual(world.storage, before)
})

test('recovery - should keep the votes of Running', (t) => {
  const world = running()
  world.do(operator(0), 'vote_add_domains', { domains: [domain(2)] })
  recover(world, 1)
  t.deepEqual(world.body().previous_running_state.add_domains_votes.proposal_by_account, { 0: [domain(2)] })
  conclude(world, 1)
  t.deepEqual(world.body().add_domains_votes.proposal_by_account, { 0: [domain(2)] })
})

test('recovery - should refuse calls through another contract', (t) => {
  const world = running()
  authorize(world, 1)
  const by = { account: operator(1), signer: 'someone.near', key: newNode(1).signer }
  t.is(world.call(by, 'submit_participant_recovery_info', {}).code, 'NOT_DIRECT_CALL')
})
