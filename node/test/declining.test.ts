import { randomBytes } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createLogger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { ANY_PARTICIPANT } from '../src/cosigning/any-participant.ts'
import { createConsents } from '../src/cosigning/consents.ts'
import { createOwnOperatorPolicy } from '../src/cosigning/own-operator.ts'
import type { JudgeMessage } from '../src/ports.ts'
import { SIGN_COMMIT, SIGN_SHARE } from '../src/signing/messages.ts'
import { joinNodes, openMeshNode, type MeshNode, type MeshOptions } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'
import { knownKey } from './support/shares.ts'

/** Signing among nodes whose policies differ, over real sockets. */
const KEY = knownKey(0, { coefficients: [123_456_789n, 42n, 77n] })
const MESSAGE = Buffer.from('a message')
const { signal } = new AbortController()
const ASK = { signal, timeoutMs: 30_000 }
const keyId = { epoch_id: 4, domain_id: 0, attempt_id: 0 }
const DECLINES: JudgeMessage = { judge: async () => ({ kind: 'declined', why: 'its operator says no' }) }

/** Nodes of which 3 sign, one for each of the options. */
async function network(t: ExecutionContext, options: MeshOptions[]): Promise<MeshNode[]> {
  const nodes = await Promise.all(options.map((each, id) => openMeshNode(id, each)))
  t.teardown(() => nodes.forEach((node) => node.close()))
  joinNodes(nodes, [KEY], 3)
  await eventually(
    'all connections',
    () => nodes.every(({ mesh }) => mesh.connected().length === options.length - 1) || undefined,
  )
  return nodes
}

function counting(policy: JudgeMessage): JudgeMessage & { asked: () => number } {
  let asked = 0
  return {
    asked: () => asked,
    judge(request, ended) {
      asked += 1
      return policy.judge(request, ended)
    },
  }
}

test('signers that decline - should be replaced by others, and be taken for neither dead nor liars', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const willing = [counting(ANY_PARTICIPANT), counting(ANY_PARTICIPANT)]
  const [a, b, , d] = await network(t, [
    { log },
    { policy: DECLINES },
    { policy: willing[0]! },
    { policy: DECLINES },
    { policy: willing[1]! },
  ])
  for (let i = 0; i < 8; i++) {
    const { signature, publicKey, signers } = await a!.sign(0n, Buffer.from([i]), signal)
    t.true(ed25519.verify(signature, Buffer.from([i]), parseEd25519Key(publicKey)))
    t.deepEqual(signers, ['node0.near', 'node2.near', 'node4.near'])
  }
  t.deepEqual(
    lines.filter((line) => line.includes('failed')),
    [],
  )
  t.true(b!.counts().signatureShares.declined + d!.counts().signatureShares.declined > 0)
  t.is(b!.counts().signatureShares.refused, 0)
  // Who had committed is not asked again for the sake of who declined: no nonces are made in vain.
  for (const policy of willing) t.is(policy.asked(), 8)
})

test('too few that agree - should name who declined, why, and what they must do', async (t) => {
  const [a] = await network(t, [{}, { policy: DECLINES }, {}, { policy: DECLINES }])
  const error = await t.throwsAsync(a!.sign(0n, MESSAGE, signal), { code: 'SIGNING_DECLINED' })
  t.regex(
    error?.message ?? '',
    /at most 2 of the 3 signers needed agree.*declined: node[13]\.near \(its operator says no\), node[13]\.near \(its operator says no\); .*"holdfast consent"/,
  )
  t.deepEqual(a!.counts().signatures, { made: 0, failed: 0, declined: 1 })
})

test('too few that are there - should not be blamed on those that decline', async (t) => {
  const broken = () => {
    throw new Error('out of order')
  }
  const [a] = await network(t, [{}, { policy: DECLINES }, { handlers: [[SIGN_COMMIT, broken]] }])
  const error = await t.throwsAsync(a!.sign(0n, MESSAGE, signal), { code: 'TOO_FEW_SIGNERS' })
  t.regex(error?.message ?? '', /1 of the 3.*declined: node1\.near \(.*\); missing: node2\.near \(.*refused/)
})

test("own policy that declines - should keep this node's share out, and ask nobody", async (t) => {
  const others = [counting(ANY_PARTICIPANT), counting(ANY_PARTICIPANT)]
  const [a] = await network(t, [{ policy: DECLINES }, { policy: others[0]! }, { policy: others[1]! }])
  await t.throwsAsync(a!.sign(0n, MESSAGE, signal), { code: 'SIGNING_DECLINED', message: /this node itself declines/ })
  t.deepEqual(
    others.map(({ asked }) => asked()),
    [0, 0],
  )
})

test('t consenting operators - should sign, fewer should not', async (t) => {
  const operators = Array.from({ length: 4 }, () => createConsents())
  const nodes = await network(
    t,
    operators.map((consents) => ({ policy: createOwnOperatorPolicy(consents) })),
  )
  const dishonest = nodes[0]!
  operators[0]!.give(0n, MESSAGE, 60_000)
  await t.throwsAsync(dishonest.sign(0n, MESSAGE, signal), { code: 'SIGNING_DECLINED', message: /at most 2 of the 3/ })
  operators[1]!.give(0n, MESSAGE, 60_000)
  await t.throwsAsync(dishonest.sign(0n, MESSAGE, signal), { code: 'SIGNING_DECLINED', message: /declined: node[23]/ })
  operators[3]!.give(0n, MESSAGE, 60_000)
  const { signature, publicKey, signers } = await dishonest.sign(0n, MESSAGE, signal)
  t.true(ed25519.verify(signature, MESSAGE, parseEd25519Key(publicKey)))
  t.deepEqual(signers, ['node0.near', 'node1.near', 'node3.near'])
  await t.throwsAsync(dishonest.sign(0n, Buffer.from('another'), signal), { code: 'SIGNING_DECLINED' })
})

test('asking for what this node cannot sign - should be no consent to it', async (t) => {
  const consents = createConsents()
  const policy = createOwnOperatorPolicy(consents)
  const onWanted = (domainId: bigint, message: Uint8Array): void => void consents.give(domainId, message, 60_000)
  const [a] = await network(t, [{ policy, onWanted }, {}, {}])
  await t.throwsAsync(a!.sign(9n, MESSAGE, signal), { code: 'UNKNOWN_DOMAIN' })
  t.false(consents.covers(9n, MESSAGE))
  await t.throwsAsync(a!.sign(0n, Buffer.alloc(40_000), signal), { code: 'MESSAGE_TOO_LONG' })
  t.false(consents.covers(0n, Buffer.alloc(40_000)))
  const { phase } = a!
  a!.phase = { kind: 'submitCandidate' }
  await t.throwsAsync(a!.sign(0n, MESSAGE, signal), { code: 'NOT_PARTICIPATING' })
  t.false(consents.covers(0n, MESSAGE))
  a!.phase = phase
  t.is((await a!.sign(0n, MESSAGE, signal)).signers.length, 3)
  t.true(consents.covers(0n, MESSAGE))
})

test('refusal - should make no nonces, and leave those of other messages alone', async (t) => {
  const consents = createConsents()
  consents.give(0n, MESSAGE, 60_000)
  const [a] = await network(t, [{}, { policy: createOwnOperatorPolicy(consents) }, {}])
  const session = randomBytes(16).toString('hex')
  const message = MESSAGE.toString('hex')
  const ask = (type: string, body: object) => a!.mesh.ask(1, type, { session, ...keyId, ...body }, ASK)
  await t.throwsAsync(ask(SIGN_COMMIT, { message: '00' }), { message: /DECLINED/ })
  const point = Buffer.from(ed25519.Point.BASE.toBytes()).toString('hex')
  const commitments = [0, 1, 2].map((participant_id) => ({ participant_id, hiding: point, binding: point }))
  await t.throwsAsync(ask(SIGN_SHARE, { message: '00', commitments }), { message: /UNKNOWN_SESSION/ })
  const open = (await ask(SIGN_COMMIT, { message })) as { hiding: string; binding: string }
  await t.throwsAsync(ask(SIGN_COMMIT, { message: '01' }), { message: /DECLINED/ })
  commitments.splice(1, 1, { participant_id: 1, ...open })
  t.truthy(await ask(SIGN_SHARE, { message, commitments }), 'the commitment from before the refusal still counts')
})

test('keyset that changes while a policy thinks - should be answered for as it is then', async (t) => {
  const { promise: thought, resolve: agree } = Promise.withResolvers<void>()
  const slow: JudgeMessage = {
    async judge() {
      await thought
      return { kind: 'agreed' }
    },
  }
  const [a, b] = await network(t, [{}, { policy: slow }])
  const session = randomBytes(16).toString('hex')
  const asked = a!.mesh.ask(1, SIGN_COMMIT, { session, ...keyId, message: '' }, ASK)
  b!.phase = undefined
  agree()
  await t.throwsAsync(asked, { message: /VIEW_STALE/ })
})

test('consent that is taken back between the rounds - should give no share', async (t) => {
  const consents = createConsents()
  consents.give(0n, MESSAGE, 60_000)
  const [a] = await network(t, [{}, { policy: createOwnOperatorPolicy(consents) }, {}])
  const asked = { session: randomBytes(16).toString('hex'), ...keyId, message: MESSAGE.toString('hex') }
  const open = (await a!.mesh.ask(1, SIGN_COMMIT, asked, ASK)) as { hiding: string; binding: string }
  const point = Buffer.from(ed25519.Point.BASE.toBytes()).toString('hex')
  const own = { participant_id: 1, ...open }
  const commitments = [0, 2].map((participant_id) => ({ participant_id, hiding: point, binding: point }))
  consents.withdraw(0n, MESSAGE)
  await t.throwsAsync(a!.mesh.ask(1, SIGN_SHARE, { ...asked, commitments: [own, ...commitments] }, ASK), {
    message: /DECLINED.*taken its consent back/,
  })
})
