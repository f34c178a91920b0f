import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { STATE_VERSION } from '../src/state-version.ts'
import { ed25519Key, groupKey } from './support/keys.ts'
import { liveKeyset } from './support/recovering.ts'
import { domain, generateKeys, type Json, World } from './support/world.ts'

/**
 * What contracts of earlier versions had stored (fixtures/README.md) becomes, step by step, a state of this version of which
 * every view says what it said then.
 */
const FIXTURES = join(import.meta.dirname, 'fixtures')
const versions = readdirSync(FIXTURES)
  .map((name) => /^state-(\d+)$/.exec(name)?.[1])
  .filter((version) => version !== undefined)
  .map(Number)

function restored(storage: Record<string, string>): World {
  const world = new World()
  for (const [key, text] of Object.entries(storage)) world.storage.set(key, text)
  return world
}

test('state versions - should have fixtures of every earlier one', (t) => {
  t.deepEqual(
    versions.filter((version) => version < STATE_VERSION).sort((a, b) => a - b),
    Array.from({ length: STATE_VERSION - 1 }, (_, i) => i + 1),
  )
})

for (const version of versions) {
  for (const file of readdirSync(join(FIXTURES, `state-${version}`))) {
    const { storage, views } = JSON.parse(readFileSync(join(FIXTURES, `state-${version}`, file), 'utf8')) as Json
    test(`state version ${version} - should say the same after its migration: ${file}`, (t) => {
      const world = restored(storage)
      t.like(world.migrate().events[0], {
        event: 'migrated',
        data: { from_version: version, to_version: STATE_VERSION },
      })
      t.is(world.storage.get('STATE'), `{"version":${STATE_VERSION}}`)
      t.deepEqual(world.views(Object.keys(views.node_authorization)), views)
      const once = new Map(world.storage)
      t.is(world.migrate().refused, null)
      t.deepEqual(world.storage, once, 'a second migration changes nothing')
    })
  }
}

/** A world as a contract of version 1 left it, migrated. */
function migrated(file: string): World {
  const { storage } = JSON.parse(readFileSync(join(FIXTURES, 'state-1', `${file}.json`), 'utf8')) as Json
  const world = restored(storage)
  world.migrate()
  return world
}

const account = (i: number) => `op${i}.test.near`

test('state version 1 - should go on with the votes of an attempt under way', (t) => {
  const world = migrated('initializing-with-votes')
  const { generating_key: event, cancel_votes } = world.body()
  t.deepEqual([event.instance.completed, cancel_votes], [[0, 1], [0]])
  const vote = {
    key_event_id: { epoch_id: 0, domain_id: 1, attempt_id: event.instance.attempt_id },
    ...groupKey('CaitSith', 3, 2),
  }
  for (const i of [2, 3]) world.do(account(i), 'vote_pk', vote)
  t.is(world.body().generating_key.domain.id, 2)
  generateKeys(world)
  t.is(world.kind(), 'Running')
  t.deepEqual(
    world.recoverability().domains.map(({ domain_id }: { domain_id: number }) => domain_id),
    [0, 1, 2],
  )
})

test('state version 1 - should go on with its recoveries and what the backup service is to confirm', (t) => {
  const world = migrated('recovery')
  t.is(world.recoverability().domains[0].live, 2)
  t.is(
    world.call({ account: account(0), deposit: 1n }, 'submit_participant_recovery_info', {
      participant_info: { url: 'http://x:1', tls_public_key: ed25519Key(999) },
      signer_account_pk: ed25519Key(998),
    }).code,
    'ALREADY_RECOVERING',
  )
  world.do({ account: account(0), key: ed25519Key(311) }, 'conclude_recovery', { keyset: liveKeyset(world) })
  world.do({ account: account(3), deposit: 1n }, 'cancel_recovery', {})
  t.is(world.kind(), 'Running')
  t.false([...world.storage.keys()].some((key) => key.startsWith('q:')))
})

test('state version 1 - should go on with votes for domains, migrations and cooldowns', (t) => {
  const world = migrated('running-with-everything')
  for (const i of [1, 2]) world.do(account(i), 'vote_add_domains', { domains: [domain(3)] })
  t.is(world.kind(), 'Running')
  world.do(account(3), 'vote_add_domains', { domains: [domain(3)] })
  t.is(world.kind(), 'Initializing')
  t.false([...world.storage.keys()].some((key) => key.startsWith('p:')))
  t.is(world.call({ account: account(2), deposit: 1n }, 'cancel_node_migration', {}).refused, null)
})

test('state version 1 - should find out which recovery expires first, whichever stands first', (t) => {
  const { storage } = JSON.parse(readFileSync(join(FIXTURES, 'state-1', 'recovery.json'), 'utf8')) as Json
  const core = JSON.parse(storage.S)
  const reversed = Object.entries<Json>(core.phase.recovering).reverse()
  core.phase.recovering = Object.fromEntries(reversed)
  const world = restored({ ...storage, S: JSON.stringify(core) })
  world.migrate()
  const [, last] = reversed.map(([, { expires_at }]) => BigInt(expires_at))
  world.now = last!
  const { events } = world.do('anyone.near', 'expire_recoveries', {})
  t.deepEqual(
    events.map(({ event, data }) => [event, data.account_id]),
    [['recovery_expired', account(0)]],
  )
})
