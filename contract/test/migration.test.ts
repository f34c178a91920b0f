import test from 'ava'
import { ed25519Key, groupKey } from './support/keys.ts'
import { cancelMigration, concludeMigration, destination, startMigration } from './support/migrating.ts'
import { authorize, conclude, liveKeyset, newNode, recover, request } from './support/recovering.ts'
import { type By, domain, fresh, initializing, type Json, operator, running, tlsKey, World } from './support/world.ts'

const op = (i: number) => ({ account: operator(i) })
const full = (i: number, deposit = 1n) => ({ account: operator(i), deposit })
const member = (world: World, i: number) => {
  const body = world.body()
  return (body.previous_running_state ?? body).parameters.participants.participants[i][2]
}

/** Running -> Recovery of operator 2, with what was pending before. */
function recovering(world = running()): World {
  recover(world, 2, 7)
  return world
}

/** Running -> Initializing of one domain more. */
function generating(world = running()): World {
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  return world
}

test('start_node_migration - should be seen in migration_info and change nothing else', (t) => {
  const world = running()
  const before = world.state()
  const outcome = world.call(full(1, 5n), 'start_node_migration', { destination_node_info: destination(1) })
  t.is(outcome.refused, null)
  t.is(outcome.refund, 4n)
  const { tls, signer, url } = newNode(1)
  t.deepEqual(outcome.events, [
    {
      event: 'node_migration_started',
      data: { account_id: operator(1), signer_account_pk: signer, url, tls_public_key: tls },
    },
  ])
  t.deepEqual(world.state(), before)
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [null, destination(1)] })
  const service = { public_key: ed25519Key(70) }
  world.do(full(1), 'register_backup_service', { backup_service_info: service })
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [service, destination(1)] })
})

test('start_node_migration - should replace what was said before, and work without a key', (t) => {
  const world = fresh()
  t.is(startMigration(world, 1).refused, null)
  t.is(startMigration(world, 1).refused, null, 'the same once more')
  t.is(startMigration(world, 1, 2).refused, null)
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [null, destination(1, 2)] })
  t.is(startMigration(world, 0, 3).refused, null)
  t.is(concludeMigration(world, 1).code, 'WRONG_SIGNER_KEY', 'the one that was replaced')
  t.is(concludeMigration(world, 1, 2).refused, null)
})

test('conclude_node_migration - should put the new node in place and count revision and incarnation', (t) => {
  const world = running()
  const service = { public_key: ed25519Key(70) }
  world.do(full(1), 'register_backup_service', { backup_service_info: service })
  const before = world.state()
  startMigration(world, 1)
  const { refused, events } = concludeMigration(world, 1)
  t.is(refused, null)
  const info = { url: newNode(1).url, tls_public_key: newNode(1).tls, incarnation: 1 }
  t.deepEqual(events, [{ event: 'node_migration_concluded', data: { account_id: operator(1), ...info } }])
  before.Running.parameters.participants.participants[1][2] = info
  before.Running.participants_revision = 1
  t.deepEqual(world.state(), before, 'id, threshold, keys and everybody else are the same')
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [service, null] }, 'the backup service stays')
  t.is(concludeMigration(world, 1).code, 'MIGRATION_NOT_FOUND', 'once')
  startMigration(world, 1, 2)
  concludeMigration(world, 1, 2)
  t.is(member(world, 1).incarnation, 2)
  t.is(world.body().participants_revision, 2)
})

test('conclude_node_migration - should make the new node’s key the one that votes', (t) => {
  const world = running()
  startMigration(world, 1)
  concludeMigration(world, 1)
  generating(world)
  const key_event_id = { epoch_id: 0, domain_id: 2, attempt_id: 0 }
  world.do(operator(0), 'start_keygen_instance', { key_event_id })
  const vote = { key_event_id, ...groupKey('Frost', 2, 3) }
  t.is(world.call(op(1), 'vote_pk', vote).code, 'WRONG_SIGNER_KEY')
  t.is(world.call({ ...op(1), key: newNode(1).signer }, 'vote_pk', vote).refused, null)
  t.is(world.call(op(0), 'vote_pk', vote).refused, null, 'who never moved is held to no key')
})

test('conclude_node_migration - should end an authorisation by which the replaced node could come back', (t) => {
  const world = running()
  const { tls_public_key } = member(world, 1)
  const signer_account_pk = newNode(1, 9).signer
  world.do(full(1), 'authorize_node', { tls_public_key, signer_account_pk })
  startMigration(world, 1)
  concludeMigration(world, 1)
  t.is(world.authorization(operator(1)), null)
  const participant_info = { url: 'http://old.near:1', tls_public_key }
  const replaced = { account: operator(1), key: signer_account_pk }
  t.is(world.call(replaced, 'submit_participant_recovery_info', { participant_info }).code, 'NOT_AUTHORIZED')
})

test('conclude_node_migration - should take the keyset that is live then, whatever came in between', (t) => {
  const world = running()
  const old = liveKeyset(world)
  startMigration(world, 1)
  generating(world)
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [null, destination(1)] }, 'kept in Initializing')
  const key_event_id = { epoch_id: 0, domain_id: 2, attempt_id: 0 }
  world.do(operator(0), 'start_keygen_instance', { key_event_id })
  for (let i = 0; i < 3; i++) world.do(operator(i), 'vote_pk', { key_event_id, ...groupKey('Frost', 2, 3) })
  const by = { ...op(1), key: newNode(1).signer }
  t.is(world.call(by, 'conclude_node_migration', { keyset: old }).code, 'KEYSET_MISMATCH')
  t.is(concludeMigration(world, 1).refused, null)
})

test('cancel_node_migration - should give the move up in every state', (t) => {
  for (const enter of [(world: World) => world, recovering, generating]) {
    const world = running()
    startMigration(world, 1)
    enter(world)
    const before = world.state()
    const outcome = world.call(full(1, 3n), 'cancel_node_migration', {})
    t.is(outcome.refused, null)
    t.is(outcome.refund, 2n)
    t.like(outcome.events, { 0: { event: 'node_migration_cancelled', data: { account_id: operator(1) } }, length: 1 })
    t.deepEqual(world.migrationInfo(), {})
    t.deepEqual(world.state(), before)
    t.is(cancelMigration(world, 1).code, 'MIGRATION_NOT_FOUND')
  }
})

test('cancel_node_migration - should free the TLS key and leave nothing to conclude', (t) => {
  const world = running()
  startMigration(world, 1)
  cancelMigration(world, 1)
  t.is(concludeMigration(world, 1).code, 'MIGRATION_NOT_FOUND')
  const again = { ...destination(0), destination_node_info: destination(1).destination_node_info }
  t.is(world.call(full(0), 'start_node_migration', { destination_node_info: again }).refused, null)
})

test('update_participant_url - should change the url alone, and count the revision only if it is another', (t) => {
  const world = running()
  recover(world, 1)
  conclude(world, 1)
  startMigration(world, 1, 2)
  const before = world.state()
  const outcome = world.call(full(1, 2n), 'update_participant_url', { url: 'http://moved.example:80' })
  t.is(outcome.refused, null)
  t.is(outcome.refund, 1n)
  t.deepEqual(outcome.events, [
    { event: 'participant_url_updated', data: { account_id: operator(1), url: 'http://moved.example:80' } },
  ])
  before.Running.parameters.participants.participants[1][2].url = 'http://moved.example:80'
  before.Running.participants_revision = 2
  t.deepEqual(world.state(), before)
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [null, destination(1, 2)] })
  t.deepEqual(world.do(full(1), 'update_participant_url', { url: 'http://moved.example:80' }).events, [])
  t.deepEqual(world.state(), before)
})

const calls: Record<string, (i: number) => [By, 'start_node_migration' | 'update_participant_url', unknown]> = {
  start_node_migration: (i) => [full(i), 'start_node_migration', { destination_node_info: destination(i) }],
  update_participant_url: (i) => [full(i), 'update_participant_url', { url: 'http://moved.example:80' }],
}
const refusals = test.macro({
  exec(t, method: string) {
    const [by, name, args] = (calls[method] as (typeof calls)[string])(1)
    const before = new World()
    t.is(before.call(by, name, args).code, 'NOT_INITIALIZED')
    for (const world of [recovering(), generating(), initializing([domain(0)])]) {
      t.is(world.call(by, name, args).code, 'WRONG_STATE', world.kind())
      t.is(world.call({ account: 'eve.near' }, name, args).code, 'WRONG_STATE', 'the state comes first')
    }
    const world = running()
    const state = world.state()
    t.is(world.call({ account: 'eve.near' }, name, args).code, 'NOT_PARTICIPANT', 'before the deposit')
    t.is(world.call(op(1), name, args).code, 'DEPOSIT_REQUIRED')
    t.is(world.call({ ...by, signer: 'eve.near' }, name, args).code, 'NOT_DIRECT_CALL')
    t.is(world.call(by, name, {}).code, 'MISSING_ARGUMENT')
    t.is(world.call(by, name, { ...(args as object), more: 1 }).code, 'UNKNOWN_ARGUMENT')
    t.deepEqual(world.state(), state)
    t.deepEqual(world.migrationInfo(), {})
  },
  title: (_, method) => `${method} - should be a participant’s in Running alone, with the full-access key`,
})
test(refusals, 'start_node_migration')
test(refusals, 'update_participant_url')

test('update_participant_url - should refuse what is no url', (t) => {
  const world = running()
  for (const url of ['', 'a b', 'http://é', 'x'.repeat(257), 7, null]) {
    const code = url === null ? 'MISSING_ARGUMENT' : 'INVALID_ARGUMENT'
    t.is(world.call(full(1), 'update_participant_url', { url }).code, code, String(url))
  }
})

test('cancel_node_migration - should need the deposit first, then a record', (t) => {
  t.is(cancelMigration(new World(), 1).code, 'NOT_INITIALIZED')
  for (const world of [running(), recovering(), generating()]) {
    t.is(world.call(op(1), 'cancel_node_migration', {}).code, 'DEPOSIT_REQUIRED')
    t.is(cancelMigration(world, 1).code, 'MIGRATION_NOT_FOUND')
    t.is(world.call({ account: 'eve.near', deposit: 1n }, 'cancel_node_migration', {}).code, 'MIGRATION_NOT_FOUND')
    t.is(world.call(full(1), 'cancel_node_migration', { account_id: operator(0) }).code, 'UNKNOWN_ARGUMENT')
  }
  const world = running()
  startMigration(world, 1)
  t.is(world.call(op(1), 'cancel_node_migration', {}).code, 'DEPOSIT_REQUIRED')
  t.is(world.call({ ...full(1), signer: 'eve.near' }, 'cancel_node_migration', {}).code, 'NOT_DIRECT_CALL')
  t.is(cancelMigration(world, 0).code, 'MIGRATION_NOT_FOUND', 'somebody else’s')
  t.deepEqual(world.migrationInfo(), { [operator(1)]: [null, destination(1)] })
})

test('conclude_node_migration - should be the new node’s alone, checked in near/mpc’s order', (t) => {
  t.is(new World().call(op(1), 'conclude_node_migration', {}).code, 'NOT_INITIALIZED')
  const world = running()
  const keyset = liveKeyset(world)
  const wrong = { keyset: { ...(keyset as object), epoch_id: 9 } }
  const code = (by: By, args: unknown) => world.call(by, 'conclude_node_migration', args).code
  t.is(code({ account: 'eve.near' }, wrong), 'NOT_PARTICIPANT')
  t.is(code(op(1), wrong), 'KEYSET_MISMATCH', 'before the record')
  t.is(code(op(1), { keyset }), 'MIGRATION_NOT_FOUND')
  startMigration(world, 1)
  const node = { ...op(1), key: newNode(1).signer }
  t.is(code(op(1), wrong), 'KEYSET_MISMATCH', 'before the signer key')
  t.is(code(op(1), { keyset }), 'WRONG_SIGNER_KEY', 'the old node')
  t.is(code({ ...op(0), key: newNode(1).signer }, { keyset }), 'MIGRATION_NOT_FOUND', 'for another account')
  t.is(code({ ...node, signer: 'eve.near' }, { keyset }), 'NOT_DIRECT_CALL')
  t.is(code(node, {}), 'MISSING_ARGUMENT')
  t.is(code(node, { keyset, tls_public_key: newNode(1).tls }), 'UNKNOWN_ARGUMENT')
  for (const [enter, state] of [
    [recovering, 'Recovery'],
    [generating, 'Initializing'],
  ] as const) {
    const other = running()
    startMigration(other, 1)
    enter(other)
    t.is(other.call(node, 'conclude_node_migration', { keyset }).code, 'WRONG_STATE', state)
    t.is(other.call({ account: 'eve.near' }, 'conclude_node_migration', wrong).code, 'WRONG_STATE', 'the state first')
  }
  t.is(member(world, 1).incarnation, 0)
  t.is(code(node, { keyset }), null)
})

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON that the test damages
const keysets: [string, (keyset: any) => unknown, string | null][] = [
  ['without commitments', (k) => k.domains.forEach((d: Json) => delete d.commitments), null],
  ['of another attempt', (k) => (k.domains[0].attempt = 7), 'KEYSET_MISMATCH'],
  ['with the domains reversed', (k) => k.domains.reverse(), 'KEYSET_MISMATCH'],
  ['with a domain less', (k) => k.domains.pop(), 'KEYSET_MISMATCH'],
  ['with another key', (k) => (k.domains[0].key.Ed25519.near_public_key_compressed = tlsKey(5)), 'KEYSET_MISMATCH'],
  ['with other commitments', (k) => k.domains[0].commitments.reverse(), 'KEYSET_MISMATCH'],
  ['with a domain without key', (k) => delete k.domains[0].key, 'MISSING_ARGUMENT'],
  ['with an unknown field', (k) => (k.more = 1), 'UNKNOWN_ARGUMENT'],
]
for (const [what, change, expected] of keysets) {
  test(`conclude_node_migration - should ${expected === null ? 'accept' : 'refuse'} the keyset ${what}`, (t) => {
    const world = running()
    startMigration(world, 1)
    const keyset = liveKeyset(world)
    change(keyset)
    t.is(world.call({ ...op(1), key: newNode(1).signer }, 'conclude_node_migration', { keyset }).code, expected)
    t.is(member(world, 1).incarnation, expected === null ? 1 : 0)
  })
}

const malformed: [string, unknown, string][] = [
  ['null', null, 'MISSING_ARGUMENT'],
  ['a text', 'x', 'INVALID_ARGUMENT'],
  ['no signer key', { ...destination(1), signer_account_pk: undefined }, 'MISSING_ARGUMENT'],
  ['a signer key that is none', { ...destination(1), signer_account_pk: 'ed25519:1' }, 'INVALID_ARGUMENT'],
  ['no node', { ...destination(1), destination_node_info: undefined }, 'MISSING_ARGUMENT'],
  ['no url', { ...destination(1), destination_node_info: { tls_public_key: ed25519Key(9) } }, 'MISSING_ARGUMENT'],
  ['no TLS key', { ...destination(1), destination_node_info: { url: 'http://x:1' } }, 'MISSING_ARGUMENT'],
  [
    'an incarnation',
    { ...destination(1), destination_node_info: { ...destination(1).destination_node_info, incarnation: 5 } },
    'UNKNOWN_ARGUMENT',
  ],
  ['a field too many', { ...destination(1), expires_at: '1' }, 'UNKNOWN_ARGUMENT'],
]
for (const [what, destination_node_info, code] of malformed) {
  test(`start_node_migration - should refuse a destination with ${what}`, (t) => {
    const world = running()
    t.is(world.call(full(1), 'start_node_migration', { destination_node_info }).code, code)
    t.deepEqual(world.migrationInfo(), {})
  })
}

test('start_node_migration - should refuse TLS keys that others hold, and its own present one', (t) => {
  const world = running()
  world.do(full(2), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(70) } })
  world.do(full(1), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(71) } })
  startMigration(world, 2)
  const start = (tls_public_key: string) =>
    world.call(full(1), 'start_node_migration', {
      destination_node_info: { ...destination(1), destination_node_info: { url: 'http://x:1', tls_public_key } },
    })
  t.is(start(tlsKey(1)).code, 'OWN_TLS_KEY')
  t.is(start(tlsKey(0)).code, 'TLS_KEY_TAKEN', 'a current node')
  t.is(start(newNode(2).tls).code, 'TLS_KEY_TAKEN', 'a migrating node')
  t.is(start(ed25519Key(70)).code, 'TLS_KEY_TAKEN', 'a backup service')
  t.is(start(ed25519Key(71)).code, 'TLS_KEY_TAKEN', 'its own backup service')
  world.do('eve.near', 'submit_participant_info', {
    participant_info: { url: 'http://e:1', tls_public_key: ed25519Key(72) },
  })
  const { refused, events } = start(ed25519Key(72))
  t.is(refused, null, 'a stranger’s candidacy does not stand in the way')
  t.like(events[0], { event: 'candidate_removed', data: { account_id: 'eve.near', reason: 'displaced' } })
})

test('start_node_migration - should claim the TLS key against everybody else', (t) => {
  const world = running()
  startMigration(world, 1)
  const { tls } = newNode(1)
  const participant_info = { url: 'http://x:1', tls_public_key: tls }
  const candidacy = world.call({ account: 'eve.near' }, 'submit_participant_info', { participant_info })
  t.is(candidacy.code, 'TLS_KEY_TAKEN')
  t.regex(candidacy.refused!, /of op1\.near \(migrating node\)/)
  for (const i of [0, 1]) {
    const register = { backup_service_info: { public_key: tls } }
    t.is(world.call(full(i), 'register_backup_service', register).code, 'TLS_KEY_TAKEN')
  }
  const ask = { participant_info, signer_account_pk: ed25519Key(9) }
  t.is(world.call(full(0), 'submit_participant_recovery_info', ask).code, 'TLS_KEY_TAKEN')
  startMigration(world, 1, 2)
  t.is(world.call({ account: 'eve.near' }, 'submit_participant_info', { participant_info }).refused, null, 'let go')
})

test('recovery - should take the machine of its own pending migration, or another, and end that migration', (t) => {
  for (const n of [1, 2]) {
    const world = running()
    startMigration(world, 1)
    startMigration(world, 0)
    t.is(recover(world, 1, n).refused, null)
    t.deepEqual(world.migrationInfo()[operator(1)], [null, destination(1)], 'as long as it is not concluded')
    t.is(conclude(world, 1, n).refused, null)
    t.deepEqual(world.migrationInfo(), { [operator(0)]: [null, destination(0)] }, 'nobody else’s')
    t.is(member(world, 1).tls_public_key, newNode(1, n).tls)
    t.is(concludeMigration(world, 1).code, 'MIGRATION_NOT_FOUND')
    t.is(concludeMigration(world, 0).refused, null)
  }
})

test('recovery - should leave the migration to be concluded when it was cancelled', (t) => {
  const world = running()
  startMigration(world, 1)
  recover(world, 1, 2)
  world.do(full(1), 'cancel_recovery', {})
  t.is(concludeMigration(world, 1).refused, null)
  t.is(member(world, 1).tls_public_key, newNode(1).tls)
})

test('conclude_node_migration - should keep authorisation and cooldown, which belong to recoveries', (t) => {
  const world = running()
  authorize(world, 1, 3)
  startMigration(world, 1)
  concludeMigration(world, 1)
  t.like(world.authorization(operator(1)), { tls_public_key: newNode(1, 3).tls })
  t.is(request(world, 1, 3).refused, null)
  t.is(conclude(world, 1, 3).refused, null)
  t.is(world.authorization(operator(1)), null)
  t.is(member(world, 1).incarnation, 2)
  recover(world, 1, 4)
  world.do(full(1), 'cancel_recovery', {})
  startMigration(world, 1, 5)
  concludeMigration(world, 1, 5)
  t.is(recover(world, 1, 6).code, 'COOLDOWN')
})

test('accounts - should not be mistaken for what every object has when they have no migration', (t) => {
  const world = running()
  const by = { account: 'constructor', deposit: 1n }
  t.is(world.call(by, 'cancel_node_migration', {}).code, 'MIGRATION_NOT_FOUND')
})
