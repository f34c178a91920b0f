import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { addMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Machine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import { nodeSays } from './support/node-says.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { runHoldfast } from './support/run-holdfast.ts'
import { assertSigns } from './support/signing.ts'

/**
 * Which machine is an operator's node (protocol.md 2.4.3, 2.4.4). Each story ends with exactly one live incarnation and a
 * clear word on the others; fails if two take part, or none.
 */
async function moveTo(devnet: Devnet, operator: Operator, machine: Machine): Promise<void> {
  await authoriseMachine(devnet, operator)
  startMachine(devnet, machine)
  await waitForView(devnet, `the recovery to ${machine.name}`, (view) => hasRecovered(view, operator))
}

async function incarnationOf(devnet: Devnet, { accountId }: Operator): Promise<bigint | undefined> {
  return participantOf((await devnet.reader.readView(devnet.signal)).state, accountId)?.info.incarnation
}

async function assertReplaced(t: ExecutionContext, machine: Machine): Promise<void> {
  t.deepEqual(await machine.process?.ended, { code: EXIT_CODES.tombstone, signal: null }, machine.name)
}

test('from a machine to another and back - should need no new set-up of the first', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const alice = operatorAt(devnet, 0)
  const first = presentMachine(alice)
  const second = await addMachine(devnet, alice)
  await moveTo(devnet, alice, second)
  await assertReplaced(t, first)

  const unburied = await runHoldfast(['node', 'unbury', '--home', first.home])
  t.is(unburied.code, EXIT_CODES.ok, unburied.stderr)
  t.true(unburied.stdout.includes(second.tlsKey), 'it says who had replaced it')
  t.is((await runHoldfast(['node', 'unbury', '--home', first.home])).code, EXIT_CODES.tombstone, 'once is enough')

  // Unburied, it is still not let in by itself.
  startMachine(devnet, first)
  t.regex(await nodeSays(devnet, first, 'waitingForAuthorization'), new RegExp(`holdfast authorise .*${first.tlsKey}`))
  await first.process?.end('SIGTERM')
  alice.machines.push(first)
  await moveTo(devnet, alice, first)
  await assertReplaced(t, second)
  t.is(await incarnationOf(devnet, alice), 2n)
  await assertSigns(t, devnet, alice, keys)
})

test('two new machines of one account - should end with the one that is authorised', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const bob = operatorAt(devnet, 1)
  await presentMachine(bob).process?.end('SIGKILL')
  const loser = await addMachine(devnet, bob)
  const winner = await addMachine(devnet, bob)
  startMachine(devnet, loser)
  await nodeSays(devnet, loser, 'waitingForAuthorization')
  await moveTo(devnet, bob, winner)
  await assertSigns(t, devnet, bob, keys)

  // It never took part and has nothing that could harm: it waits, and says for what.
  t.true((await nodeSays(devnet, loser, 'waitingForAuthorization')).includes(winner.tlsKey))
  t.is(await incarnationOf(devnet, bob), 1n)
})

test('node restored from an old disk image - should stop itself where another took its place', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const carol = operatorAt(devnet, 2)
  const first = presentMachine(carol)
  await first.process?.end('SIGTERM')
  const image = join(devnet.directory, 'image-of-carol')
  const withoutSockets = (path: string): boolean => !path.endsWith('.sock')
  await cp(first.home, image, { recursive: true, filter: withoutSockets, mode: 0, preserveTimestamps: true })

  const second = await addMachine(devnet, carol)
  await moveTo(devnet, carol, second)
  const restored: Machine = { ...first, name: 'carol-image', home: image, process: undefined }
  startMachine(devnet, restored)
  await assertReplaced(t, restored)
  await assertSigns(t, devnet, carol, keys)
})
