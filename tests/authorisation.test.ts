import test from 'ava'
import { groupKeys, waitForView, hasRecovered } from '@holdfast/cli/devnet/waits.ts'
import { addMachine, destroyMachine, startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { authoriseMachine, performAs } from '@holdfast/cli/devnet/set-up.ts'
import { planAuthorisation } from '@holdfast/cli/operator/plan.ts'
import { operatorAt, startNetwork } from './support/network.ts'
import { nodeSays } from './support/node-says.ts'
import { assertSigns } from './support/signing.ts'

/**
 * A machine that takes an operator's place without a valid authorisation of exactly its keys. Fails if a node enters
 * Recovery without it, or does not tell the operator what is missing.
 */
test('a new machine - should recover only once its own keys are authorised, and say what is missing', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const keys = groupKeys(await devnet.reader.readView(devnet.signal))
  const bob = operatorAt(devnet, 1)
  const lost = await destroyMachine(bob)

  // Not authorised at all: the lost machine's own authorisation, which it never needed, counts for nothing.
  const machine = await addMachine(devnet, bob)
  startMachine(devnet, machine)
  const missing = await nodeSays(devnet, machine, 'waitingForAuthorization')
  for (const key of [lost.tlsKey, machine.tlsKey, machine.signerKey]) t.true(missing.includes(key), missing)

  // The right TLS key with another signer key is not this node either.
  const mixed = { tlsKey: machine.tlsKey, signerKey: lost.signerKey }
  await performAs(devnet, bob, planAuthorisation(mixed))
  const stillDiffer = await nodeSays(devnet, machine, 'authorizedKeysDiffer', (text) => !text.includes(lost.tlsKey))
  t.true(stillDiffer.includes(lost.signerKey) && stillDiffer.includes(machine.signerKey), stillDiffer)

  // An authorisation that ran out before the node used it: stopped meanwhile, as it would use it at once.
  await machine.process?.end('SIGTERM')
  await performAs(devnet, bob, planAuthorisation({ ...presentMachine(bob), expiresInSeconds: 1 }))
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  startMachine(devnet, machine)
  const expired = await nodeSays(devnet, machine, 'waitingForAuthorization')
  t.regex(expired, /expired at 20\d\d-.*holdfast authorise/)
  const { state } = await devnet.reader.readView(devnet.signal)
  t.is(state.kind, 'Running', 'no recovery was asked for so far')

  await authoriseMachine(devnet, bob)
  await waitForView(devnet, 'the recovery', (view) => hasRecovered(view, bob))
  await assertSigns(t, devnet, bob, keys)
})
