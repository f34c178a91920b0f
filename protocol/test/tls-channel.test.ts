import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import {
  channelError,
  connectPinned,
  peerKey,
  peerRefusal,
  sharesChannelKey,
  tlsServerOptions,
} from '../src/tls-channel.ts'
import { BACKUP, CLIENT_CERTIFICATES, NODE, SERVER_CERTIFICATES, STRANGER } from './support/tls-vectors.ts'

const HOST = '127.0.0.1'

async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, HOST)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

async function serve(t: ExecutionContext, options: TlsOptions, onSocket: (socket: TLSSocket) => void): Promise<number> {
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    onSocket(socket)
  })
  return listen(t, server)
}

function pinned(port: number, more: Partial<Parameters<typeof connectPinned>[0]> = {}) {
  const peer = { host: HOST, port, identity: BACKUP, expectedPeerKey: NODE.publicKeyText, deadlineMs: 5000 }
  return connectPinned({ ...peer, ...more })
}

test('a pinned connection - should be mutual TLS 1.3 with the post-quantum group, and give both ends one key', async (t) => {
  const { promise: accepted, resolve } = Promise.withResolvers<TLSSocket>()
  const port = await serve(t, tlsServerOptions(NODE), resolve)
  const client = await pinned(port)
  t.teardown(() => client.destroy())
  const server = await accepted
  t.is(client.getProtocol(), 'TLSv1.3')
  t.like(client.getEphemeralKeyInfo(), { type: 'TLSGroup', name: 'X25519MLKEM768' } as never)
  t.is(peerKey(client), NODE.publicKeyText)
  t.is(peerKey(server), BACKUP.publicKeyText)
  t.is(peerKey(server), BACKUP.publicKeyText, 'the second reading')
  const key = sharesChannelKey(client)
  t.is(key.length, 32)
  t.deepEqual(key, sharesChannelKey(server))
})

test('two sessions - should have different keys for shares', async (t) => {
  const port = await serve(t, tlsServerOptions(NODE), () => undefined)
  const [a, b] = await Promise.all([pinned(port), pinned(port)])
  t.teardown(() => [a, b].map((socket) => socket.destroy()))
  t.notDeepEqual(sharesChannelKey(a), sharesChannelKey(b))
})

for (const { name, accepted, chainPem, keyPem } of CLIENT_CERTIFICATES) {
  const known = accepted ? BACKUP.publicKeyText : keyPem === STRANGER.keyPem ? STRANGER.publicKeyText : undefined
  test(`a client with "${name}" - should be ${known === undefined ? 'unknown' : 'known'} to our server`, async (t) => {
    const { promise: arrived, resolve } = Promise.withResolvers<TLSSocket>()
    const port = await serve(t, tlsServerOptions(NODE), resolve)
    const own = chainPem === '' ? {} : { cert: chainPem, key: keyPem }
    const client = connect({ host: HOST, port, servername: 'dummy', rejectUnauthorized: false, ...own })
    client.on('error', () => undefined)
    t.teardown(() => client.destroy())
    const socket = await arrived
    t.is(peerKey(socket), known)
    t.is(peerRefusal(socket) === undefined, known !== undefined)
  })
}

for (const { name, accepted, chainPem, keyPem } of SERVER_CERTIFICATES) {
  test(`a server with "${name}" - should be ${accepted ? 'accepted' : 'refused before a byte is written'}`, async (t) => {
    let received = 0
    const options = { ...tlsServerOptions(NODE), cert: chainPem, key: keyPem }
    const port = await serve(t, options, (socket) => socket.on('data', (chunk: Buffer) => (received += chunk.length)))
    if (accepted) {
      const socket = await pinned(port)
      t.is(peerKey(socket), NODE.publicKeyText)
      return socket.destroy()
    }
    const found = keyPem === STRANGER.keyPem ? STRANGER.publicKeyText : 'no acceptable certificate'
    await t.throwsAsync(pinned(port), { code: 'PEER_WRONG_KEY', message: new RegExp(found) })
    return t.is(received, 0)
  })
}

test('a server with another key - should be refused, naming both keys', async (t) => {
  const port = await serve(t, tlsServerOptions(STRANGER), () => undefined)
  const error = await t.throwsAsync(pinned(port), { code: 'PEER_WRONG_KEY' })
  t.true(error.message.includes(STRANGER.publicKeyText))
  t.true(error.message.includes(NODE.publicKeyText))
})

test('a server that asks for TLS 1.2 - should be unreachable', async (t) => {
  const options: TlsOptions = { ...tlsServerOptions(NODE), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }
  const port = await serve(t, options, () => undefined)
  await t.throwsAsync(pinned(port), { name: 'HoldfastError', message: new RegExp(`${HOST}:${port}`) })
})

test('a peer that accepts TCP and never speaks - should be given up at the deadline', async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => t.teardown(() => socket.destroy())),
  )
  const error = await t.throwsAsync(pinned(port, { deadlineMs: 80 }), { code: 'PEER_UNREACHABLE' })
  t.regex(error.message, /longer than 80 ms/)
})

test('a peer that closes during the handshake - should be told apart from an unreachable one', async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => socket.resetAndDestroy()),
  )
  await t.throwsAsync(pinned(port), { code: 'PEER_CLOSED', message: /does not accept our TLS key/ })
})

test('a port nobody listens on - should be unreachable', async (t) => {
  const server = createTcpServer()
  const port = await listen(t, server)
  server.close()
  await t.throwsAsync(pinned(port), { code: 'PEER_UNREACHABLE', message: /ECONNREFUSED/ })
})

test('a connection - should be abandoned when its signal aborts, before and during', async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => t.teardown(() => socket.destroy())),
  )
  const reason = new Error('stopping')
  await t.throwsAsync(pinned(port, { signal: AbortSignal.abort(reason) }), { is: reason })
  const controller = new AbortController()
  const connecting = pinned(port, { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 20)
  await t.throwsAsync(connecting, { is: reason })
})

test('a server that drops us after the handshake - should read as closed', async (t) => {
  const port = await serve(t, tlsServerOptions(NODE), (socket) => socket.destroy())
  const socket = await pinned(port)
  const outcome = await new Promise((resolve) =>
    socket
      .once('error', resolve)
      .once('close', () => resolve('closed'))
      .resume(),
  )
  if (outcome !== 'closed') t.is(channelError(outcome, 'node').code, 'PEER_CLOSED')
  t.pass()
})
