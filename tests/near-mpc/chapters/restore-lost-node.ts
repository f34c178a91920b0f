import { once } from 'node:events'
import { createServer } from 'node:net'
import type { ExecutionContext } from 'ava'
import { newKey } from '@holdfast/cli/devnet/new-account.ts'
import { wordsOf } from '../support/backup-service.ts'
import { admitMachine, startMigration } from '../support/contract-calls.ts'
import { ownDestination } from '../support/lies.ts'
import { addMachine, presentMachine, type NearMpcMachine, type NearMpcOperator } from '../support/network.ts'
import { destroyNode, startNode } from '../support/nodes.ts'
import { concludeOnceImported, isDestination, waitForFinal } from '../support/onboarding.ts'
import { liveKeysetJson, serviceOf, type Story } from './story.ts'

const THIEF_MACHINE = 252

/** bob's machine burns. A new one is started and named in one call; an endpoint names a thief's machine for carol. */
export async function restoreLostNode(t: ExecutionContext, story: Story): Promise<void> {
  const { network, bob, carol, liar } = story
  const { tell } = network.transcript
  await destroyNode(network, presentMachine(bob))

  const thief = await listenAsThief(story)
  const liesBefore = liar.falsified()
  liar.lie(ownDestination(carol.accountId, newKey().publicKey, thief.url))
  tell('lying endpoint', `${liar.name} names a machine of its own as where carol's shares are to go`)

  try {
    await moveTo(story, bob, await startFreshMachine(story, bob))
  } finally {
    await thief.close()
  }
  t.true(liar.falsified() > liesBefore)
  t.is(thief.visits(), 0, 'nobody may even have knocked there')
  tell('lying endpoint', 'nobody came to its machine')
  liar.lie(undefined)
}

/** A new machine with new keys on a new address, its node started and attested; it holds nothing. */
export async function startFreshMachine(story: Story, operator: NearMpcOperator): Promise<NearMpcMachine> {
  const { network } = story
  const machine = await addMachine(network.devnet, network.operators, operator)
  await startNode(network, operator, machine, { awaits: await liveKeysetJson(story) })
  await admitMachine(network, operator, machine)
  network.transcript.tell(operator.name, `a new machine ${machine.name} with other keys is attested and holds nothing`)
  return machine
}

/**
 * The operator names the machine; the rest goes by itself, to the end that the contract and Holdfast show.
 * @returns seconds from the first final view that shows the call until the shares were there
 */
export async function moveTo(story: Story, operator: NearMpcOperator, machine: NearMpcMachine): Promise<number> {
  const { network } = story
  const { tell } = network.transcript
  await startMigration(network, operator, machine)
  tell(
    operator.name,
    `start_node_migration to ${machine.name}, ${machine.tls.publicKey}; nobody does anything from here`,
  )
  const final = await waitForFinal(network, 'start_node_migration', (view) => isDestination(view, machine))
  const received = await machine.process?.waitFor('RECEIVED')
  const seconds = ((received?.at ?? NaN) - final) / 1000
  tell(`holdfast ${operator.name}`, `delivered ${seconds.toFixed(2)} s after the call was final`)
  await concludeOnceImported(network, machine)
  await expectConcluded(story, operator, machine)
  return seconds
}

export async function expectConcluded(
  story: Story,
  operator: NearMpcOperator,
  { name, tls }: NearMpcMachine,
): Promise<void> {
  const status = await serviceOf(story, operator).waitFor(
    'the restore to be concluded',
    ({ last_restore }) => last_restore?.destination_tls_public_key === tls.publicKey && last_restore.concluded,
  )
  story.network.transcript.tell(`holdfast ${operator.name}`, `the restore to ${name} is concluded; ${wordsOf(status)}`)
}

/** A machine where shares would arrive if an endpoint alone were believed; counts who connects. */
async function listenAsThief({ network: { devnet } }: Story) {
  let visits = 0
  const server = createServer((socket) => {
    visits += 1
    socket.destroy()
  })
  const host = devnet.addresses.address(THIEF_MACHINE)
  server.listen(devnet.ports.keyshares, host)
  await once(server, 'listening')
  return {
    url: `http://${host}:${devnet.ports.mesh}`,
    visits: () => visits,
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
