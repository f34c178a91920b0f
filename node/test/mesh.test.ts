import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Json } from '@holdfast/protocol/json.ts'
import { LIMITS } from '../src/limits.ts'
import { createFrameReader, encodeFrame } from '../src/mesh/frames.ts'
import type { HandleRequest } from '../src/mesh/guest.ts'
import { addressOf, peerIdentity, peerOf } from '../src/mesh/peer.ts'
import { connectTls, newIdentity } from './support/backup-client.ts'
import { addressPort, openMeshNode, type MeshNode } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'

const never = new AbortController().signal
const ASK = { signal: never, timeoutMs: 2_000 }

async function pair(
  t: { teardown(fn: () => void): void },
  handlers: [string, HandleRequest][] = [],
): Promise<[MeshNode, MeshNode]> {
  const nodes: [MeshNode, MeshNode] = [await openMeshNode(0), await openMeshNode(1, { handlers })]
  t.teardown(() => nodes.forEach((node) => node.close()))
  introduce(...nodes)
  await eventually('both connections', () => nodes.every(({ mesh }) => mesh.connected().length === 1) || undefined)
  return nodes
}

function introduce(a: MeshNode, b: MeshNode): void {
  a.mesh.setPeers([peerOf(b.participant)])
  b.mesh.setPeers([peerOf(a.participant)])
}

test('frames - should come out as they went in, however the bytes are cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.string()), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (values, cuts) => {
        const bytes = Buffer.concat(values.map((value) => encodeFrame(value)))
        const read = createFrameReader()
        const found: Json[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          found.push(...read(bytes.subarray(at, at + length)))
          at += length
        }
        t.deepEqual(found, JSON.parse(JSON.stringify(values)) as Json[])
      },
    ),
    { numRuns: 20 },
  )
})

test('frame that announces too much - should be refused at its header', (t) => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(LIMITS.meshFrameBytes + 1)
  t.throws(() => createFrameReader()(header), { code: 'FRAME_TOO_LARGE' })
  t.throws(() => encodeFrame('x'.repeat(LIMITS.meshFrameBytes)), { code: 'FRAME_TOO_LARGE' })
})

for (const [url, expected] of [
  ['http://10.0.0.1:3000', { host: '10.0.0.1', port: 3000 }],
  ['node.example:81', { host: 'node.example', port: 81 }],
  ['http://[::1]:9', { host: '::1', port: 9 }],
  ['https://node.example', { host: 'node.example', port: 443 }],
  ['http://', undefined],
  ['', undefined],
] as const) {
  test(`url ${url === '' ? '(empty)' : url} - should be read as an address or none`, (t) => {
    t.deepEqual(addressOf(url), expected)
  })
}

test('peer - should answer, refuse by code, and time out', async (t) => {
  const [a] = await pair(t, [
    ['echo', (guest, body) => ({ from: guest.peer.accountId, body })],
    ['fail', () => Promise.reject(new Error('secret detail'))],
    ['hang', () => new Promise(() => undefined)],
  ])
  t.deepEqual(await a.mesh.ask(1, 'echo', [1, 'x'], ASK), { from: 'node0.near', body: [1, 'x'] })
  await t.throwsAsync(a.mesh.ask(1, 'nothing', null, ASK), { code: 'PEER_REFUSED', message: /UNKNOWN_REQUEST/ })
  const error = await t.throwsAsync(a.mesh.ask(1, 'fail', null, ASK), { code: 'PEER_REFUSED', message: /INTERNAL/ })
  t.false(error?.message.includes('secret detail'))
  await t.throwsAsync(a.mesh.ask(1, 'hang', null, { ...ASK, timeoutMs: 50 }), { code: 'PEER_TIMEOUT' })
  await t.throwsAsync(a.mesh.ask(7, 'echo', null, ASK), { code: 'PEER_NOT_CONNECTED' })
  const abort = new AbortController()
  const asked = a.mesh.ask(1, 'hang', null, { ...ASK, signal: abort.signal })
  abort.abort(new Error('stopped'))
  await t.throwsAsync(asked, { message: 'stopped' })
})

test('requests beyond the limit of a connection - should be refused', async (t) => {
  const [a] = await pair(t, [['hang', () => new Promise(() => undefined)]])
  const asked = Array.from({ length: LIMITS.meshRequestsPerConnection }, () =>
    a.mesh.ask(1, 'hang', null, { ...ASK, timeoutMs: 500 }),
  )
  await t.throwsAsync(a.mesh.ask(1, 'hang', null, ASK), { code: 'PEER_REFUSED', message: /TOO_MANY_REQUESTS/ })
  for (const { status } of await Promise.allSettled(asked)) t.is(status, 'rejected')
})

test('key that the contract does not name - should be closed before any answer', async (t) => {
  const [, b] = await pair(t)
  const socket = await connectTls('127.0.0.1', addressPort(b), newIdentity(), b.identity.publicKeyText)
  let received = 0
  socket.on('data', (chunk: Buffer) => (received += chunk.length)).on('error', () => undefined)
  socket.write(encodeFrame({ id: 0, type: 'sign/commit', body: null }))
  if (!socket.destroyed) await once(socket, 'close')
  t.is(received, 0)
})

test('peer under another key than the contract has - should not be talked to', async (t) => {
  const a = await openMeshNode(0)
  const b = await openMeshNode(1)
  t.teardown(() => [a, b].forEach((node) => node.close()))
  const impostor = peerOf(b.participant)
  a.mesh.setPeers([{ ...impostor, tlsKey: newIdentity().publicKeyText }])
  b.mesh.setPeers([peerOf(a.participant)])
  await eventually('the other direction', () => b.mesh.connected().length === 0 || undefined)
  await new Promise((resolve) => setTimeout(resolve, 200))
  t.deepEqual(a.mesh.connected(), [])
})

for (const [title, bytes] of [
  ['an oversized frame', Buffer.from('ffffffff', 'hex')],
  ['a frame that is no JSON', Buffer.concat([Buffer.from('00000003', 'hex'), Buffer.from('{{{')])],
  ['a frame that is no request', encodeFrame({ hello: 1 })],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
] as const) {
  test(`peer that sends ${title} - should lose its connection, nothing else`, async (t) => {
    const [a, b] = await pair(t)
    a.mesh.setPeers([])
    const socket = await connectTls('127.0.0.1', addressPort(b), a.identity, b.identity.publicKeyText)
    socket.on('error', () => undefined)
    await once(socket, 'data')
    socket.on('data', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    a.mesh.setPeers([peerOf(b.participant)])
    await eventually('a new connection', () => a.mesh.connected().length === 1 || undefined)
    await t.throwsAsync(a.mesh.ask(1, 'none', null, ASK), { code: 'PEER_REFUSED' }, 'the peer still answers')
  })
}

test('recovery between two polls - should drop the connection though key and state look the same', async (t) => {
  const [a, b] = await pair(t, [['hang', () => new Promise(() => undefined)]])
  const asked = a.mesh.ask(1, 'hang', null, ASK)
  const again = { ...b.participant, info: { ...b.participant.info, incarnation: 2n } }
  t.not(peerIdentity(peerOf(again)), peerIdentity(peerOf(b.participant)))
  a.mesh.setPeers([peerOf(again)])
  await t.throwsAsync(asked, { code: 'PEER_CLOSED' })
  await eventually(
    'the new connection',
    () => a.mesh.connected().some(({ incarnation }) => incarnation === 2n) || undefined,
  )
})

test('peer that was replaced - should be cut off at once', async (t) => {
  const [a, b] = await pair(t)
  const guestEnded = eventually('the end of its connection', () => b.mesh.connected().length === 0 || undefined)
  a.mesh.setPeers([{ ...peerOf(b.participant), tlsKey: newIdentity().publicKeyText, incarnation: 1n }])
  await guestEnded
  t.deepEqual(a.mesh.connected(), [])
})

test('peer that restarts - should be reached again', async (t) => {
  const [a, b] = await pair(t)
  b.mesh.setPeers([])
  await eventually('the loss', () => a.mesh.connected().length === 0 || undefined)
  b.mesh.setPeers([peerOf(a.participant)])
  await eventually('the new connection', () => a.mesh.connected().length === 1 || undefined)
  t.pass()
})

test('connection that never speaks TLS - should be closed by its deadline', async (t) => {
  const [, b] = await pair(t)
  const socket = connect(addressPort(b), '127.0.0.1').resume()
  socket.on('error', () => undefined)
  const since = Date.now()
  await once(socket, 'close')
  t.true(Date.now() - since < LIMITS.meshHandshakeMs + 2_000)
})

/** A connection of `a` to `b` beside the mesh's own, to misbehave on. */
async function rawConnection(t: ExecutionContext, a: MeshNode, b: MeshNode): Promise<TLSSocket> {
  a.mesh.setPeers([])
  const socket = await connectTls('127.0.0.1', addressPort(b), a.identity, b.identity.publicKeyText)
  socket.on('error', () => undefined)
  t.teardown(() => void socket.destroy())
  await once(socket, 'data')
  return socket
}

test('peer that asks and never reads - should not be read from, and be served once it reads', async (t) => {
  let asked = 0
  const [a, b] = await pair(t, [
    [
      'echo',
      (_guest, body) => {
        asked += 1
        return body
      },
    ],
  ])
  const socket = await rawConnection(t, a, b)
  socket.pause()
  const request = encodeFrame({ id: 1, type: 'echo', body: 'x'.repeat(10_000) })
  const batch = Buffer.concat(Array.from({ length: 10 }, () => request))
  let sent = 0
  // Far more than the buffers of both kernels hold.
  while (sent < 64_000_000 && (await Promise.race([written(socket, batch), pause(500)]))) sent += batch.length
  t.true(sent < 64_000_000, 'the writer must have been stopped')
  const before = asked
  await pause(200)
  t.is(asked, before)
  t.false(socket.destroyed)
  socket.on('data', () => undefined).resume()
  await eventually('the rest to be asked', () => asked > before || undefined)
})

test('answers that pile up for a peer that never reads - should close its connection', async (t) => {
  const answer = 'x'.repeat(200_000)
  const [a, b] = await pair(t, [['large', () => new Promise((resolve) => setTimeout(() => resolve(answer), 100))]])
  const socket = await rawConnection(t, a, b)
  socket.pause()
  const requests = Array.from({ length: 60 }, (_, id) => encodeFrame({ id, type: 'large', body: null }))
  socket.write(Buffer.concat(requests))
  await pause(1_000)
  let received = 0
  socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume()
  await once(socket, 'close')
  t.true(received < 60 * answer.length)
})

function written(socket: TLSSocket, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => socket.write(bytes, (error) => resolve(error === null || error === undefined)))
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms))
}
