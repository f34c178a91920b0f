import test from 'ava'
import { generateKeys } from '@holdfast/cli/devnet/build-network.ts'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine, type Operator } from '@holdfast/cli/devnet/operator.ts'
import { voteToReshare } from '@holdfast/cli/devnet/resharing.ts'
import { groupKeys, waitForView } from '@holdfast/cli/devnet/waits.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { signMessage, type SignedMessage } from '@holdfast/node/control-client.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { makeCuttable } from './support/cuttable-mesh.ts'
import { prepareNetwork } from './support/network.ts'
import { verifies } from './support/signing.ts'

/**
 * A network of four that falls apart in two, each with signers enough, in the middle of a resharing too; then one node is cut
 * off. Fails if two groups ever sign under different keys or epochs, if a cut-off minority signs, or if anybody has to help
 * when the cut is healed.
 */
test('partition - should never let two groups sign differently, and heal by itself', async (t) => {
  const devnet = await prepareNetwork(t, { nodes: 4, threshold: 2, domains: 1 })
  const network = await makeCuttable(devnet)
  t.teardown(() => network.close())
  const [alice, bob, carol, dave] = devnet.operators as [Operator, Operator, Operator, Operator]
  for (const operator of devnet.operators) startMachine(devnet, presentMachine(operator))
  await generateKeys(devnet, 1)
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const group = keys['0'] ?? ''

  const signed = async (through: Operator, fits: (signers: string[]) => boolean): Promise<SignedMessage> => {
    const message = Buffer.from(`by ${through.name} at ${performance.now()}`)
    const made = await waitUntil(
      `a signature by ${through.name}`,
      async () => {
        const each = await signMessage(presentMachine(through).home, 0n, message)
        t.is(each.publicKey, group)
        t.true(verifies(group, message, each.signature))
        return fits(each.signers) ? each : undefined
      },
      { deadlineMs: 90_000, signal: devnet.signal },
    )
    return made
  }
  const among =
    (...operators: Operator[]) =>
    (signers: string[]) =>
      signers.every((account) => operators.some(({ accountId }) => accountId === account))
  const includes = (operator: Operator) => (signers: string[]) => signers.includes(operator.accountId)
  await signed(alice, includes(carol))

  // Two halves: both sign, under the one key.
  network.cut(
    [
      [alice, bob],
      [carol, dave],
    ],
    'loud',
  )
  for (const [through, other] of [
    [alice, bob],
    [dave, carol],
  ] as const)
    for (let i = 0; i < 3; i++) t.true(among(through, other)((await signed(through, () => true)).signers))

  // A resharing takes everybody: it waits, and neither half goes over to new shares.
  await voteToReshare(devnet, devnet.operators, 3)
  await waitForView(devnet, 'the resharing', ({ state }) => state.kind === 'Resharing')
  for (const [through, other] of [
    [bob, alice],
    [carol, dave],
  ] as const)
    for (let i = 0; i < 3; i++) t.true(among(through, other)((await signed(through, () => true)).signers))
  t.is((await devnet.reader.readView(devnet.signal)).state.kind, 'Resharing')

  network.heal()
  const after = await waitForView(
    devnet,
    'the resharing to end by itself',
    ({ state }) => state.kind === 'Running' && state.state.keyset.epoch_id === 1n,
  )
  t.deepEqual(groupKeys(after), keys)
  t.is((await signed(alice, (signers) => signers.length === 3)).publicKey, group)

  // One is cut off without a word; three of four sign now.
  network.cut([[alice, bob, carol], [dave]], 'silent')
  t.true(among(alice, bob, carol)((await signed(carol, (signers) => signers.length === 3)).signers))
  await waitUntil(
    'dave to find too few signers',
    () =>
      signMessage(presentMachine(dave).home, 0n, Buffer.from('alone')).then(
        () => t.fail('a minority has signed') as never,
        (error: unknown) => (isHoldfastError(error, 'TOO_FEW_SIGNERS') ? true : undefined),
      ),
    { deadlineMs: 90_000, signal: devnet.signal },
  )
  network.heal()
  await signed(dave, includes(dave))
})
