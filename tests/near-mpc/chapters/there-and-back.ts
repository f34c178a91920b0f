import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { startNodeServer, type NodeServer } from '../../../backup-service/test/support/node-server.ts'
import { startMigration } from '../support/contract-calls.ts'
import { presentMachine, type NearMpcMachine } from '../support/network.ts'
import { startNode, stopNode } from '../support/nodes.ts'
import { concludeOnceImported } from '../support/onboarding.ts'
import { expectBackup } from './back-up.ts'
import { reshareTo } from './reshare.ts'
import { expectConcluded, moveTo, startFreshMachine } from './restore-lost-node.ts'
import { liveKeysetJson, serviceOf, type Story } from './story.ts'

/**
 * alice moves by plan to another machine and, after a further resharing, back to the first, which holds the shares of the
 * epoch before. A near/mpc node that was active once refuses every delivery with 500 until it is restarted, so the way back
 * waits for that restart, and Holdfast says so. (Without the resharing it would need no shares, and conclude at its start.)
 */
export async function moveThereAndBack(t: ExecutionContext, story: Story): Promise<void> {
  const { network, alice, bob, dave } = story
  const { tell } = network.transcript
  const first = presentMachine(alice)
  const second = await startFreshMachine(story, alice)
  await moveTo(story, alice, second)
  await reshareTo(story, [alice, bob, dave])
  tell('contract', `reshared: epoch ${story.keys.epochId}, ${second.name} has its shares and ${first.name} has not`)
  await expectBackup(t, story, alice)

  await stopNode(network, first)
  const spent = await startSpentNode(story, first)
  tell(`node ${first.name}`, 'as a near/mpc node that was active before: runs, and its import is closed')
  try {
    await startMigration(network, alice, first)
    tell('alice', `start_node_migration back to ${first.name}`)
    const { to_do } = await serviceOf(story, alice).waitFor(
      'the need of a restart to be said',
      ({ last_error }) => last_error?.resolved === false && last_error.code === 'DESTINATION_NEEDS_RESTART',
    )
    tell('holdfast alice', to_do ?? '')
  } finally {
    await spent.close()
  }
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
