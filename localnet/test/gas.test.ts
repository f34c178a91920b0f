import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { TestWorld } from './support/actor.ts'
import { measureProbe, type CallGas } from './support/probe-gas.ts'

const PATH = join(import.meta.dirname, 'vectors', 'probe-gas.json')

test('gas - should be to the unit what a NEAR node burnt', async (t) => {
  t.timeout(120_000)
  const recorded = JSON.parse(readFileSync(PATH, 'utf8')) as CallGas[]
  const world = await TestWorld.start()
  t.teardown(() => world.chain.stop())
  t.deepEqual(await measureProbe(world), recorded)
})
