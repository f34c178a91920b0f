import { readFile } from 'node:fs/promises'
import test from 'ava'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine } from '@holdfast/cli/devnet/set-up.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { groupKeys, hasRecovered, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

/**
 * Running, Recovery and Running again between two looks at the chain (protocol.md 2.4.3): carol's process stands still from
 * before bob's recovery until after it. Fails if she keeps anything of his old machine, or never signs with the new one.
 */
test('a recovery that a node never saw - should cut it off from the old machine and connect it with the new one', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const [alice, bob, carol] = [0, 1, 2].map((index) => operatorAt(devnet, index))
  if (alice === undefined || bob === undefined || carol === undefined) throw new TypeError('no operators')
  const seeing = presentMachine(carol).process
  const old = presentMachine(bob)
  process.kill(seeing?.pid ?? 0, 'SIGSTOP')
  try {
    await destroyMachine(bob)
    const machine = await addMachine(devnet, bob)
    await authoriseMachine(devnet, bob)
    startMachine(devnet, machine)
    const { state } = await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, bob))
    t.is(state.kind, 'Running')
  } finally {
    process.kill(seeing?.pid ?? 0, 'SIGCONT')
  }

  // With alice gone, only bob's new machine is left to sign with.
  await presentMachine(alice).process?.end('SIGKILL')
  await assertSigns(t, devnet, carol, keys)
  const lines = (await readFile(seeing?.logFile ?? '', 'utf8')).split('\n')
  const says = (what: string, key: string): boolean => lines.some((line) => line.includes(what) && line.includes(key))
  t.true(says('dropped a peer', old.tlsKey))
  await waitUntil('the log', async () => says('connected to a peer', presentMachine(bob).tlsKey) || undefined, {
    deadlineMs: 10_000,
    signal: devnet.signal,
  })
  t.false(
    lines.some((line) => /"phase":"(awaitingShares|waitingForOtherRecovery)"/.test(line)),
    'she never saw the recovery',
  )
})
