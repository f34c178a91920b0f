import { randomBytes } from 'node:crypto'
import test from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import { startMachine } from '@holdfast/cli/devnet/machines.ts'
import { presentMachine } from '@holdfast/cli/devnet/operator.ts'
import { waitUntil } from '@holdfast/cli/devnet/wait-until.ts'
import { readIdentity } from '@holdfast/node/identity/identity.ts'
import { keepLink } from '@holdfast/node/mesh/link.ts'
import { peerOf } from '@holdfast/node/mesh/peer.ts'
import { dialPeers } from '@holdfast/node/mesh/tls-mesh.ts'
import { SIGN_COMMIT, SIGN_SHARE } from '@holdfast/node/signing/messages.ts'
import { participantOf } from '@holdfast/protocol/live-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { operatorAt, startNetwork } from './support/network.ts'

/**
 * A signer that is killed between its commitment and its signature share (RFC 9591, 5.1: nonces are used once). Fails if the
 * restarted node answers for nonces that it gave out before, or if any node answers twice for the same.
 */
test('a node killed between commit and sign - should never answer for the nonces it gave out before', async (t) => {
  const devnet = await startNetwork(t, { nodes: 3, threshold: 2, domains: 1 })
  const [alice, bob] = [operatorAt(devnet, 0), operatorAt(devnet, 1)]
  const { state } = await devnet.reader.readView(devnet.signal)
  const signer = participantOf(state, bob.accountId)
  const own = participantOf(state, alice.accountId)
  if (signer === undefined || own === undefined) throw new TypeError('no participants')

  // Alice's place, taken by this test with her keys: it asks as her node would.
  await presentMachine(alice).process?.end('SIGKILL')
  const { tls } = await readIdentity(presentMachine(alice).home)
  const link = keepLink(
    peerOf(signer),
    dialPeers(tls),
    { received: 0, sent: 0 },
    { onUp: () => undefined, onDown: () => undefined },
  )
  t.teardown(() => link.close())
  const isUp = () =>
    waitUntil('the connection to bob', async () => (link.isUp() ? true : undefined), {
      deadlineMs: 60_000,
      signal: devnet.signal,
    })
  const ask = (type: string, body: Json) => link.ask(type, body, { signal: devnet.signal, timeoutMs: 10_000 })

  const key = { epoch_id: 0, domain_id: 0, attempt_id: 0 }
  const aPoint = () =>
    Buffer.from(ed25519.Point.BASE.multiply(BigInt(`0x${randomBytes(16).toString('hex')}`)).toBytes())
  async function commit(): Promise<Json> {
    await isUp()
    const session = randomBytes(16).toString('hex')
    const { hiding, binding } = (await ask(SIGN_COMMIT, { session, ...key, message: '00ff' })) as {
      hiding: string
      binding: string
    }
    const mine = { hiding: aPoint().toString('hex'), binding: aPoint().toString('hex') }
    const commitments = [
      { participant_id: own?.participantId ?? 0, ...mine },
      { participant_id: signer?.participantId ?? 0, hiding, binding },
    ]
    return { session, ...key, message: '00ff', commitments }
  }

  const answered = await commit()
  t.regex(
    ((await ask(SIGN_SHARE, answered)) as { share: string }).share,
    /^[0-9a-f]{64}$/,
    'such a request is answered',
  )
  await t.throwsAsync(ask(SIGN_SHARE, answered), { message: /UNKNOWN_SESSION/ }, 'and only once')

  const open = await commit()
  await presentMachine(bob).process?.end('SIGKILL')
  startMachine(devnet, presentMachine(bob))
  await waitUntil('the end of the old connection', async () => (link.isUp() ? undefined : true), {
    deadlineMs: 60_000,
    signal: devnet.signal,
  })
  await isUp()
  await t.throwsAsync(ask(SIGN_SHARE, open), { message: /UNKNOWN_SESSION/ })
  const later = await commit()
  t.truthy(await ask(SIGN_SHARE, later), 'the restarted node signs with new nonces')
})
