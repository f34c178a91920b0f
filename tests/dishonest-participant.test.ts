import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Machine } from '@holdfast/cli/devnet/operator.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { groupKeys, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { nodeStatus } from '@holdfast/node/control-client.ts'
import { stringifyJson } from '@holdfast/protocol/json.ts'
import { operatorAt, prepareNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

const MAIN = join(import.meta.dirname, 'support', 'dishonest-node-main.ts')

/**
 * Bob's node is a real one that cheats (support/dishonest-node-main.ts), in key generation, resharing and signing. Fails if a
 * lie is not found out, if anybody but bob is blamed, or if the network does not go on without believing him.
 */
test('a participant that cheats - should be named each time, and keep nobody from a key or a signature', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const [alice, bob, carol] = [0, 1, 2].map((index) => presentMachine(operatorAt(devnet, index)))
  if (alice === undefined || bob === undefined || carol === undefined) throw new TypeError('no machines')
  for (const machine of [alice, carol]) startMachine(devnet, machine)
  bob.process = devnet.processes.start({
    name: 'dishonest node of bob',
    program: process.execPath,
    args: [MAIN, bob.home, '1', '3', '2'],
    logFile: join(devnet.directory, 'logs', 'node-bob-1.log'),
  })
  const warnings = async ({ process: running }: Machine) =>
    (await readFile(running?.logFile ?? '', 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"level":"warn"'))
      .map((line) => JSON.parse(line) as { reason?: string; participant?: string; peer?: string; attempt?: string })
  const found = (machine: Machine, what: RegExp) =>
    waitUntil(
      `${machine.name} to say ${what.source}`,
      async () => (await warnings(machine)).find(({ reason }) => what.test(reason ?? '')),
      { deadlineMs: 60_000, signal: devnet.signal },
    )

  await generateKeys(devnet, 1)
  const view = await devnet.reader.readView(devnet.signal)
  const keys = groupKeys(view)
  if (view.state.kind !== 'Running') throw new TypeError('not running')
  t.is(view.state.state.keyset.domains[0]?.attempt, 3n, 'the first attempt without a lie')
  for (const machine of [alice, carol]) {
    t.like(await found(machine, /gave a false proof of knowledge/), { attempt: '0_0_0', participant: 'bob.test.near' })
    t.like(await found(machine, /signed one package for this node and another/), {
      attempt: '0_0_1',
      participant: 'bob.test.near',
    })
    t.like(await found(machine, /do not fit their commitments/), { attempt: '0_0_2', participant: 'bob.test.near' })
  }

  // Who is asked before it has seen the key refuses, and is asked last for a minute.
  for (const { home, name } of [alice, bob, carol]) {
    await waitUntil(
      `the share of ${name}`,
      async () => /"share_held": ?true/.test(stringifyJson(await nodeStatus(home))) || undefined,
      {
        deadlineMs: 60_000,
        signal: devnet.signal,
      },
    )
  }
  // He is needed for none: alice's node finds his signature shares false, and signs with carol.
  await waitUntil(
    'bob to be asked',
    async () => {
      await assertSigns(t, devnet, operatorAt(devnet, 0), keys)
      return (await warnings(alice)).find(
        ({ reason, peer }) => peer === 'bob.test.near' && /does not fit its public share/.test(reason ?? ''),
      )
    },
    { deadlineMs: 60_000, signal: devnet.signal },
  )

  // A dealer of the first two attempts; the third is without him.
  await voteToReshare(devnet, devnet.operators, 2)
  const after = await waitForView(
    devnet,
    'the new epoch',
    ({ state }) => state.kind === 'Running' && state.state.keyset.epoch_id === 1n,
  )
  if (after.state.kind !== 'Running') throw new TypeError('not running')
  t.is(after.state.state.keyset.domains[0]?.attempt, 2n)
  for (const machine of [alice, carol])
    t.like(await found(machine, /signed one package for this node and another/), { participant: 'bob.test.near' })
  t.deepEqual(groupKeys(after), keys)
  await assertSigns(t, devnet, operatorAt(devnet, 2), keys)

  // And one that says nothing: the contract ends the attempt, or the leader does not begin one without him.
  process.kill(bob.process.pid, 'SIGSTOP')
  await voteToReshare(devnet, devnet.operators, 3)
  await waitUntil(
    'alice to say that bob is silent',
    async () => {
      const log = await readFile(alice.process?.logFile ?? '', 'utf8')
      return /expired before bob\.test\.near had answered|waits for participants to connect/.test(log) || undefined
    },
    { deadlineMs: 60_000, signal: devnet.signal },
  )
  process.kill(bob.process.pid, 'SIGCONT')
  const last = await waitForView(
    devnet,
    'the epoch after',
    ({ state }) => state.kind === 'Running' && state.state.keyset.epoch_id === 2n,
  )
  t.deepEqual(groupKeys(last), keys)

  for (const machine of [alice, carol])
    for (const { participant, peer } of await warnings(machine))
      t.true(
        [undefined, 'bob.test.near'].includes(participant ?? peer),
        `${machine.name} blames ${participant ?? peer}`,
      )
})
