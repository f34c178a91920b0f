import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { STATE_VERSION } from '../src/state-version.ts'
import { type Json, World } from './support/world.ts'

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
