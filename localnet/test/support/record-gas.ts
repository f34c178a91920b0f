import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measureProbe } from './probe-gas.ts'
import { TestWorld } from './actor.ts'

// Records test/vectors/probe-gas.json from a real node: NEAR_SANDBOX_BIN_PATH=… node localnet/test/support/record-gas.ts
const world = await TestWorld.start()
try {
  if (world.chain.kind !== 'sandbox')
    throw new Error('set NEAR_SANDBOX_BIN_PATH: gas is recorded from a real node only')
  const path = join(import.meta.dirname, '..', 'vectors', 'probe-gas.json')
  writeFileSync(path, `${JSON.stringify(await measureProbe(world), null, 2)}\n`)
} finally {
  await world.chain.stop()
}
