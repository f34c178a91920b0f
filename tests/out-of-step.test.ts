import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { groupKeys } from '@holdfast/cli/devnet/waits.ts'
import { nodeStatus, signMessage } from '@holdfast/node/control-client.ts'
import { changeConfig } from './support/change-config.ts'
import { openLateRpc } from './support/late-rpc.ts'
import { prepareNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

type PeerSaid = { account_id: string; connected: boolean; left_out: string | null }

/**
 * Bob's clock goes wrong, then carol's view of the chain, both in running nodes. Fails if alice goes on with them, does not
 * say who it is and why, or does not take them back when they are well.
 */
test('a node whose clock or view is off - should be left out and named, and come back by itself', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const [alice, bob, carol] = devnet.operators as [Operator, Operator, Operator]
  const rpc = await openLateRpc(devnet.chain.rpcUrl)
  t.teardown(() => rpc.close())
  await changeConfig(presentMachine(carol), { rpc_urls: [rpc.url] })
  const clock = join(devnet.directory, 'clock-of-bob')
  await writeFile(clock, '0')
  startMachine(devnet, presentMachine(alice))
  startMachine(devnet, presentMachine(carol))
  const bobs = presentMachine(bob)
  const { program, args } = holdfastCommand('node', 'run', '--home', bobs.home)
  bobs.process = devnet.processes.start({
    name: 'node of bob',
    program,
    args: ['--import', join(import.meta.dirname, 'support', 'clock-off.ts'), ...args],
    logFile: join(devnet.directory, 'logs', 'node-bob-1.log'),
    env: { ...process.env, HOLDFAST_TEST_CLOCK_FILE: clock },
  })
  await generateKeys(devnet, 1)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))

  const aliceSees = (operator: Operator, holds: (said: PeerSaid) => boolean, what: string): Promise<PeerSaid> =>
    waitUntil(
      `alice to see ${operator.name} ${what}`,
      async () => {
        const { peers } = await nodeStatus(presentMachine(alice).home)
        const said = ((peers ?? []) as PeerSaid[]).find(({ account_id }) => account_id === operator.accountId)
        return said !== undefined && holds(said) ? said : undefined
      },
      { deadlineMs: 60_000, signal: devnet.signal },
    )
  const leftOut = async (operator: Operator, why: RegExp, other: Operator): Promise<void> => {
    const said = await aliceSees(operator, ({ left_out }) => left_out !== null, 'left out')
    t.regex(said.left_out ?? '', why)
    t.false(said.connected)
    for (let i = 0; i < 3; i++) {
      const { signers } = await waitUntil(
        `a signature`,
        () => signMessage(presentMachine(alice).home, 0n, Buffer.from([i])),
        { deadlineMs: 60_000, signal: devnet.signal },
      )
      t.deepEqual(signers, [alice.accountId, other.accountId])
    }
    const log = await readFile(presentMachine(alice).process?.logFile ?? '', 'utf8')
    t.true(
      log
        .split('\n')
        .some(
          (line) => line.includes('"level":"warn"') && line.includes('left out') && line.includes(operator.accountId),
        ),
    )
  }
  for (const operator of [bob, carol]) await aliceSees(operator, ({ connected }) => connected, 'connected')
  await assertSigns(t, devnet, bob, keys)

  await writeFile(clock, '45000')
  await leftOut(bob, /its clock is 4\d s ahead of ours, allowed are 30 s/, carol)
  await writeFile(clock, '0')
  await aliceSees(bob, ({ connected }) => connected, 'back')
  await assertSigns(t, devnet, bob, keys)

  rpc.setLate(90_000)
  await leftOut(carol, /its view of the chain is \d+ s behind ours .*, allowed are 60 s/, bob)
  rpc.setLate(0)
  await aliceSees(carol, ({ connected }) => connected, 'back')
  await assertSigns(t, devnet, carol, keys)
})
