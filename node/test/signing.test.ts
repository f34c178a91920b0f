import { randomBytes } from 'node:crypto'
import test from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Json } from '@holdfast/protocol/json.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { peerOf } from '../src/mesh/peer.ts'
import type { Phase } from '../src/phases/phase.ts'
import { LIMITS } from '../src/limits.ts'
import { SIGN_COMMIT, SIGN_SHARE } from '../src/signing/messages.ts'
import { createRecentFailures } from '../src/signing/signers.ts'
import { joinNodes, openMeshNode, type MeshNode, type MeshOptions } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'
import { keysetOf, knownKey, shareOf, storedShare } from './support/shares.ts'

const KEY = knownKey(0, { coefficients: [123_456_789n, 42n] })
const MESSAGE = Buffer.from('a message')
const signal = new AbortController().signal
const ASK = { signal, timeoutMs: 30_000 }
const keyId = { epoch_id: 4, domain_id: 0, attempt_id: 0 }

type Context = { teardown(fn: () => void): void }
async function network(t: Context, count: number, options: MeshOptions[] = []): Promise<MeshNode[]> {
  const nodes = await Promise.all(Array.from({ length: count }, (_, id) => openMeshNode(id, options[id])))
  t.teardown(() => nodes.forEach((node) => node.close()))
  joinNodes(nodes, [KEY], 2)
  await eventually(
    'all connections',
    () => nodes.every(({ mesh }) => mesh.connected().length === count - 1) || undefined,
  )
  return nodes
}

function nth(nodes: MeshNode[], index: number): MeshNode {
  const node = nodes[index]
  if (node === undefined) throw new TypeError(`no node ${index}`)
  return node
}

function participation(node: MeshNode): Extract<Phase, { kind: 'participating' }> {
  if (node.phase?.kind !== 'participating') throw new TypeError('not participating')
  return node.phase
}

test('signatures asked of all nodes at once - should all verify as plain Ed25519', async (t) => {
  const nodes = await network(t, 3)
  const messages = Array.from({ length: 12 }, (_, i) => Buffer.from(`message ${i}`))
  const signed = await Promise.all(messages.map((message, i) => nth(nodes, i % 3).sign(0n, message, signal)))
  for (const [i, { signature, publicKey, signers }] of signed.entries()) {
    t.true(ed25519.verify(signature, messages[i] ?? MESSAGE, parseEd25519Key(publicKey)), `message ${i}`)
    t.is(signers.length, 2)
    t.true(signers.includes(`node${i % 3}.near`))
  }
})

test('signer with a wrong key share - should be named, left out, and not spoil the signature', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const nodes = await network(t, 3, [{ log }])
  const [a, b] = [nth(nodes, 0), nth(nodes, 1)]
  b.shares.splice(0, 1, { ...storedShare(KEY, 1), share: shareOf(KEY, 2) })
  const warning = () => lines.find((line) => line.includes('a signer failed'))
  for (let i = 0; i < 30 && warning() === undefined; i++) {
    const { signature, publicKey } = await a.sign(0n, MESSAGE, signal)
    t.true(ed25519.verify(signature, MESSAGE, parseEd25519Key(publicKey)))
  }
  t.regex(warning() ?? '', /node1\.near.*does not fit its public share/)
})

test('signer that failed lately - should be asked last, and still where it is needed', async (t) => {
  let asked = 0
  const refuse = () => {
    asked += 1
    throw new Error('out of order')
  }
  const [a, , c] = (await network(t, 3, [{}, { handlers: [[SIGN_COMMIT, refuse]] }])) as [MeshNode, MeshNode, MeshNode]
  while (asked === 0) await a.sign(0n, MESSAGE, signal)
  for (let i = 0; i < 20; i++) await a.sign(0n, MESSAGE, signal)
  t.is(asked, 1)
  c.close()
  await eventually('the loss', () => a.mesh.connected().length === 1 || undefined)
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'TOO_FEW_SIGNERS' })
  t.is(asked, 2)
})

test('signer with another view - should be replaced, and be asked again the next time', async (t) => {
  const [a, b, c] = (await network(t, 3)) as [MeshNode, MeshNode, MeshNode]
  const whole = participation(b)
  b.phase = { ...whole, keyset: { ...whole.keyset, epoch_id: 5n } }
  for (let i = 0; i < 6; i++) t.deepEqual((await a.sign(0n, MESSAGE, signal)).signers, ['node0.near', 'node2.near'])
  b.phase = whole
  c.close()
  t.deepEqual((await a.sign(0n, MESSAGE, signal)).signers, ['node0.near', 'node1.near'])
})

test('signer that sees another signer recover - should be taken for one with another view, not for a failed one', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const nodes = (await network(t, 3, [{ log }])) as [MeshNode, MeshNode, MeshNode]
  const [a, , c] = nodes
  joinNodes(nodes, [knownKey(0, { coefficients: [3n ** 60n, 5n ** 60n, 7n ** 60n] })], 3)
  const whole = participation(c)
  c.phase = { ...whole, active: [a.participant], recovering: ['node1.near'] }
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'TOO_FEW_SIGNERS', message: /node2\.near.*WRONG_SIGNERS/ })
  t.deepEqual(
    lines.filter((line) => line.includes('a signer failed')),
    [],
  )
  c.phase = whole
  t.is((await a.sign(0n, MESSAGE, signal)).signers.length, 3)
})

test('recent failures - should be forgotten after a success and after a minute', (t) => {
  let now = 0
  const lately = createRecentFailures(() => now)
  lately.note(1)
  lately.note(2)
  lately.forget(2)
  now += LIMITS.signerFailureMs - 1
  t.deepEqual([0, 1, 2].map(lately.has), [false, true, false])
  now += 1
  t.false(lately.has(1))
})

test('own wrong key share - should be said, not blamed on others', async (t) => {
  const nodes = await network(t, 2)
  const a = nth(nodes, 0)
  a.shares.splice(0, 1, { ...storedShare(KEY, 0), share: shareOf(KEY, 1) })
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'SHARES_DAMAGED', message: /own key share/ })
})

test('signer whose commitment is no group element - should be named', async (t) => {
  const bad: Json = { hiding: '00'.repeat(32), binding: '01' + '00'.repeat(31) }
  const nodes = await network(t, 2, [{}, { handlers: [[SIGN_COMMIT, () => bad]] }])
  await t.throwsAsync(nth(nodes, 0).sign(0n, MESSAGE, signal), {
    code: 'TOO_FEW_SIGNERS',
    message: /node1\.near \(its commitment/,
  })
})

test('too few signers - should name who is missing and why', async (t) => {
  const nodes = await network(t, 3)
  const [a, b, c] = [nth(nodes, 0), nth(nodes, 1), nth(nodes, 2)]
  b.close()
  a.phase = { ...participation(a), active: [b.participant], recovering: ['node2.near'] }
  a.mesh.setPeers([peerOf(b.participant)])
  await eventually('the loss', () => a.mesh.connected().length === 0 || undefined)
  const error = await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'TOO_FEW_SIGNERS' })
  t.regex(error?.message ?? '', /1 of the 2 signers.*node1\.near \(not connected\), node2\.near \(recovering\)/)
  c.close()
})

test('what cannot be signed - should be refused by name', async (t) => {
  const nodes = await network(t, 2)
  const a = nth(nodes, 0)
  await t.throwsAsync(a.sign(9n, MESSAGE, signal), { code: 'UNKNOWN_DOMAIN', message: /it has keys for 0/ })
  await t.throwsAsync(a.sign(0n, new Uint8Array(40_000), signal), { code: 'MESSAGE_TOO_LONG' })
  const whole = participation(a)
  a.phase = { ...whole, domains: whole.domains.map((domain) => ({ ...domain, protocol: 'CaitSith' })) }
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'PROTOCOL_UNSUPPORTED' })
  a.phase = whole
  a.shares.length = 0
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), {
    code: 'TOO_FEW_SIGNERS',
    message: /1 of the 2.*node0\.near \(holds no share\)/,
  })
  await t.throwsAsync(nth(nodes, 1).sign(0n, MESSAGE, signal), {
    code: 'TOO_FEW_SIGNERS',
    message: /node0\.near \(.*SHARE_NOT_HELD/,
  })
  a.phase = { kind: 'submitCandidate' }
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'NOT_PARTICIPATING' })
  a.phase = undefined
  await t.throwsAsync(a.sign(0n, MESSAGE, signal), { code: 'VIEW_STALE' })
})

const session = () => randomBytes(16).toString('hex')
const commitTo = (a: MeshNode, id: string, key: object = keyId) =>
  a.mesh.ask(1, SIGN_COMMIT, { session: id, ...key, message: MESSAGE.toString('hex') }, ASK) as Promise<
    Record<string, string>
  >

async function roundTwo(a: MeshNode, id: string, changes: Record<string, Json> = {}): Promise<Json> {
  const other = await commitTo(a, id)
  return a.mesh.ask(1, SIGN_SHARE, request(id, other, changes), ASK)
}

function request(id: string, other: Record<string, string>, changes: Record<string, Json> = {}): Json {
  const point = Buffer.from(ed25519.Point.BASE.toBytes()).toString('hex')
  return {
    session: id,
    ...keyId,
    message: MESSAGE.toString('hex'),
    commitments: [
      { participant_id: 0, hiding: point, binding: point },
      { participant_id: 1, hiding: other['hiding'] ?? '', binding: other['binding'] ?? '' },
    ],
    ...changes,
  }
}

test('nonces - should sign once only, even for the same request', async (t) => {
  const [a] = [nth(await network(t, 2), 0)]
  const id = session()
  const commitment = await commitTo(a, id)
  await t.throwsAsync(commitTo(a, id), { message: /SESSION_REUSED/ })
  const wanted = request(id, commitment)
  t.truthy(await a.mesh.ask(1, SIGN_SHARE, wanted, ASK))
  await t.throwsAsync(a.mesh.ask(1, SIGN_SHARE, wanted, ASK), { message: /UNKNOWN_SESSION/ })
})

test('nonces of a refused request - should be gone as well', async (t) => {
  const a = nth(await network(t, 2), 0)
  const id = session()
  const commitment = await commitTo(a, id)
  await t.throwsAsync(a.mesh.ask(1, SIGN_SHARE, request(id, commitment, { attempt_id: 1 }), ASK), {
    message: /OTHER_KEYSET/,
  })
  await t.throwsAsync(a.mesh.ask(1, SIGN_SHARE, request(id, commitment), ASK), { message: /UNKNOWN_SESSION/ })
})

test('nonces - should not outlive the connection of a peer that recovered', async (t) => {
  const nodes = await network(t, 2)
  const [a, b] = [nth(nodes, 0), nth(nodes, 1)]
  const id = session()
  const commitment = await commitTo(a, id)
  b.mesh.setPeers([{ ...peerOf(a.participant), incarnation: 1n }])
  await eventually('a new connection', async () => {
    await commitTo(a, session())
    return true
  })
  await t.throwsAsync(a.mesh.ask(1, SIGN_SHARE, request(id, commitment), ASK), { message: /UNKNOWN_SESSION/ })
})

for (const [title, changes, refusal] of [
  ['another epoch', { epoch_id: 3 }, /OTHER_KEYSET/],
  ['another attempt', { attempt_id: 1 }, /OTHER_KEYSET/],
  ['another domain', { domain_id: 1 }, /UNKNOWN_DOMAIN/],
] as const) {
  test(`commitment for ${title} - should be refused`, async (t) => {
    const a = nth(await network(t, 2), 0)
    await t.throwsAsync(commitTo(a, session(), { ...keyId, ...changes }), { message: refusal })
  })
}

for (const [title, changes, refusal] of [
  [
    'a signer twice',
    {
      commitments: [1, 1].map((participant_id) => ({
        participant_id,
        hiding: '11'.repeat(32),
        binding: '11'.repeat(32),
      })),
    },
    /WRONG_SIGNERS/,
  ],
  [
    'a signer who does not take part',
    {
      commitments: [1, 7].map((participant_id) => ({
        participant_id,
        hiding: '11'.repeat(32),
        binding: '11'.repeat(32),
      })),
    },
    /WRONG_SIGNERS/,
  ],
  [
    'another commitment for the asked one',
    {
      commitments: [0, 1].map((participant_id) => ({
        participant_id,
        hiding: '11'.repeat(32),
        binding: '11'.repeat(32),
      })),
    },
    /WRONG_COMMITMENTS/,
  ],
  ['another message than was agreed to', { message: '00' }, /OTHER_MESSAGE/],
  ['a malformed message', { message: 'xyz' }, /INVALID_MESSAGE/],
  ['an unknown field', { extra: 1 }, /INVALID_MESSAGE/],
] as const) {
  test(`signature share with ${title} - should be refused`, async (t) => {
    const a = nth(await network(t, 2), 0)
    await t.throwsAsync(roundTwo(a, session(), changes as Record<string, Json>), { message: refusal })
  })
}

test('peer without a fresh view - should not sign', async (t) => {
  const nodes = await network(t, 2)
  nth(nodes, 1).phase = undefined
  await t.throwsAsync(commitTo(nth(nodes, 0), session()), { message: /VIEW_STALE/ })
  t.deepEqual(nth(nodes, 1).counts().signatureShares, { given: 0, refused: 1, declined: 0 }, 'and count it')
})

test('resharing under way - should sign with the keyset in force', async (t) => {
  const nodes = await network(t, 2)
  const newer = keysetOf([{ ...KEY, epoch: 5n }])
  t.is(newer.epoch_id, 5n)
  const { publicKey } = await nth(nodes, 1).sign(0n, MESSAGE, signal)
  t.is(publicKey, storedShare(KEY).key)
})

test('node without a share - should still coordinate the others', async (t) => {
  const nodes = await network(t, 3)
  nth(nodes, 0).shares.length = 0
  const { signature, publicKey, signers } = await nth(nodes, 0).sign(0n, MESSAGE, signal)
  t.true(ed25519.verify(signature, MESSAGE, parseEd25519Key(publicKey)))
  t.deepEqual(signers, ['node1.near', 'node2.near'])
})

test('more signatures than a node makes at a time - should wait their turn', async (t) => {
  const nodes = await network(t, 2)
  const all = await Promise.all(Array.from({ length: 40 }, () => nth(nodes, 0).sign(0n, MESSAGE, signal)))
  t.is(all.length, 40)
})
