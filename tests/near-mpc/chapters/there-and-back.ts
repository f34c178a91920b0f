import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { startNodeServer, type NodeServer } from '../../../backup-service/test/support/node-server.ts'
import { startMigration } from '../support/contract-calls.ts'
import { presentMachine, type NearMpcMachine } from '../support/network.ts'
import { startNode, stopNode } from '../support/nodes.ts'
import { concludeOnceImported } from '../support/onboarding.ts'
import { expectConcluded, moveTo, startFreshMachine } from './restore-lost-node.ts'
import { liveKeysetJson, serviceOf, type Story } from './story.ts'

/**
 * alice moves by plan to another machine and back. A near/mpc node that was active once refuses every delivery with 500
 * until it is restarted, so the way back waits for that restart, and Holdfast says so.
 */
export async function moveThereAndBack(story: Story): Promise<void> {
  const { network, alice } = story
  const { tell } = network.transcript
  const first = presentMachine(alice)
  const second = await startFreshMachine(story, alice)
  await moveTo(story, alice, second)

  await stopNode(network, first)
  const spent = await startSpentNode(story, first)
  tell(`node ${first.name}`, 'as a near/mpc node that was active before: runs, and its import is closed')
  await startMigration(network, alice, first)
  tell('alice', `start_node_migration back to ${first.name}`)
  const { last_error } = await serviceOf(story, alice).waitFor(
    'the refusal to be named',
    ({ last_error }) => last_error?.resolved === false && last_error.message.includes('channel is closed'),
  )
  tell('holdfast alice', `${last_error?.code}: ${last_error?.message}`)
  await spent.close()
  tell('alice', `restarts ${first.name}`)
  await startNode(network, alice, first, { awaits: await liveKeysetJson(story) })
  await concludeOnceImported(network, first)
  await expectConcluded(story, alice, first)
}

/**
 * Answers every request as a near/mpc node that was active once answers a delivery: with the recorded bytes, for the
 * migration service alone never closes its import.
 */
function startSpentNode({ network }: Story, { address, tls }: NearMpcMachine): Promise<NodeServer> {
  const answer = recordedAnswer('PUT, import receiver gone')
  return startNodeServer(
    (_request, socket) => void socket.write(answer),
    createTlsIdentity(tls.seed),
    network.devnet.ports.keyshares,
    address,
  )
}

function recordedAnswer(name: string): string {
  const file = join(import.meta.dirname, '..', '..', 'vectors', 'near-mpc-wire-http-server.json')
  const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as {
    exchanges: { case: string; response: { text: string } }[]
  }
  const found = exchanges.find((exchange) => exchange.case === name)
  if (found === undefined) throw new TypeError(`there is no recorded exchange "${name}"`)
  return found.response.text
}
