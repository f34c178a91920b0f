import test from 'ava'
import { destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { groupKeys, waitForBackup, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { addNewcomer, takesPart } from './support/newcomer.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { assertSigns } from './support/signing.ts'

/**
 * Handing the keys on, with the compiled contract and real processes. Fails if a group key changes, a newcomer cannot sign
 * afterwards, or the backup services do not follow to the new epoch.
 */
const isRunningIn =
  (epoch: bigint) =>
  ({ state }: { state: { kind: string; state?: unknown } }) =>
    state.kind === 'Running' && (state.state as { keyset: { epoch_id: bigint } }).keyset.epoch_id === epoch

test('a newcomer in the place of a member that is gone - should sign with the same keys', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 2 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const [alice, bob, carol] = [operatorAt(devnet, 0), operatorAt(devnet, 1), operatorAt(devnet, 2)]
  const dave = await addNewcomer(devnet)
  startMachine(devnet, presentMachine(dave))
  await destroyMachine(carol)

  await voteToReshare(devnet, [alice, bob, dave], 2)
  const view = await waitForView(devnet, 'the new epoch', isRunningIn(1n))
  t.deepEqual(groupKeys(view), keys)
  await takesPart(devnet, dave)
  for (const operator of [alice, bob, dave]) await assertSigns(t, devnet, operator, keys)
  for (const operator of [alice, bob]) await waitForBackup(devnet, operator)
})

test('the same members under another threshold - should have new shares of the same keys, twice', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  for (const [epoch, threshold] of [
    [1n, 3],
    [2n, 2],
  ] as const) {
    await voteToReshare(devnet, devnet.operators, threshold)
    const view = await waitForView(devnet, `epoch ${epoch}`, isRunningIn(epoch))
    t.deepEqual(groupKeys(view), keys)
    for (const operator of devnet.operators) await waitForBackup(devnet, operator)
    await assertSigns(t, devnet, operatorAt(devnet, 0), keys)
  }
})
