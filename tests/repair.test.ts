import { rm } from 'node:fs/promises'
import test from 'ava'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { nodeSays } from './support/node-says.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

/**
 * An operator loses node and backup at once while enough others live: the node says that it asks them, gets its shares and
 * takes its place again. Fails if it needs the backup service all the same.
 */
test('a node without any backup - should get its shares from the others', async (t) => {
  const devnet = await startNetwork(t, { nodes: 4, threshold: 3, domains: 2 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const carol = operatorAt(devnet, 2)
  await carol.backup?.process?.end('SIGKILL')
  await rm(carol.backup?.home ?? '', { recursive: true })
  await destroyMachine(carol)

  const machine = await addMachine(devnet, carol, { shares_from: 'peers' })
  await authoriseMachine(devnet, carol)
  startMachine(devnet, machine)
  await nodeSays(devnet, machine, 'participating')
  const view = await waitForView(devnet, 'the recovery', (seen) => hasRecovered(seen, carol))
  t.is(view.state.kind, 'Running')
  await assertSigns(t, devnet, carol, keys)
})
