import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { addMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns } from './support/signing.ts'

/**
 * An old machine comes back after its operator has moved on (protocol.md 2.4.4). Fails if it takes part again, or can
 * be started again without the operator's own hand.
 */
test('an old machine that comes back - should stop itself, and refuse to start again', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const alice = operatorAt(devnet, 0)
  const old = presentMachine(alice)

  t.deepEqual(await old.process?.end('SIGTERM'), { code: EXIT_CODES.ok, signal: null }, 'SIGTERM ends a node cleanly')

  const machine = await addMachine(devnet, alice)
  await authoriseMachine(devnet, alice)
  startMachine(devnet, machine)
  await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, alice))

  // Its disk is whole: all shares, all keys, an access key on the account.
  startMachine(devnet, old)
  const ending = await old.process?.ended
  t.deepEqual(ending, { code: EXIT_CODES.tombstone, signal: null })
  const tombstone = await readFile(join(old.home, 'tombstone.json'), 'utf8')
  t.true(tombstone.includes(old.tlsKey) && tombstone.includes(machine.tlsKey), tombstone)

  const again = await runHoldfast(['node', 'run', '--home', old.home])
  t.is(again.code, EXIT_CODES.tombstone)
  t.regex(again.stderr, /tombstone/)
  t.notRegex(again.stderr, /\n\s+at /, 'no stack')
  await access(join(old.home, 'tombstone.json'))

  const view = await devnet.reader.readView(devnet.signal)
  t.true(hasRecovered(view, alice), 'the new machine is still the operator’s node')
  await assertSigns(t, devnet, alice, keys)
})
