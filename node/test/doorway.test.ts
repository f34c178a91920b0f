import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { createWaitingRoom } from '../src/doorway/waiting-room.ts'
import { LIMITS } from '../src/limits.ts'
import { connectTls, exchange } from './support/backup-client.ts'
import { openKeyshareNode } from './support/keyshare-node.ts'
import { holding, openMeshNode, addressPort } from './support/mesh-node.ts'
import { peerOf } from '../src/mesh/peer.ts'
import { eventually } from './support/network.ts'

/** A silent TCP connection from a loopback address of the test's choice. */
async function silent(t: ExecutionContext, port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined)
  t.teardown(() => void socket.destroy())
  await once(socket.resume(), 'connect')
  return socket
}

async function room(t: ExecutionContext, limits: { perAddress: number; total: number }) {
  const server: Server = createServer(() => undefined)
  const waitingRoom = createWaitingRoom(server, limits)
  const accepted: Socket[] = []
  server.on('connection', (socket: Socket) => accepted.push(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of accepted) socket.destroy()
  })
  return { waitingRoom, accepted, port: (server.address() as AddressInfo).port }
}

const isOpen = (socket: Socket) => !socket.destroyed

test('crowd from one address - should lose its oldest and leave other addresses alone', async (t) => {
  const { port, accepted } = await room(t, { perAddress: 2, total: 10 })
  const other = await silent(t, port, '127.7.0.1')
  const crowd: Socket[] = []
  for (let i = 0; i < 4; i++) crowd.push(await silent(t, port, '127.7.0.2'))
  await eventually('two to be closed', () => crowd.filter(isOpen).length === 2 || undefined)
  t.deepEqual(crowd.map(isOpen), [false, false, true, true])
  t.true(isOpen(other))
  t.is(accepted.filter(isOpen).length, 3)
})

test('crowd from many addresses - should lose its oldest, never who was admitted', async (t) => {
  const { port, accepted, waitingRoom } = await room(t, { perAddress: 2, total: 3 })
  const first = await silent(t, port, '127.8.0.1')
  await eventually('its arrival', () => accepted.length === 1 || undefined)
  waitingRoom.admit(accepted[0] as Socket)
  const crowd: Socket[] = []
  for (let i = 2; i < 7; i++) crowd.push(await silent(t, port, `127.8.0.${i}`))
  await eventually('two to be closed', () => crowd.filter(isOpen).length === 3 || undefined)
  t.deepEqual(crowd.map(isOpen), [false, false, true, true, true])
  t.true(isOpen(first))
  waitingRoom.close()
  await eventually('the end', () => accepted.filter(isOpen).length === 1 || undefined)
  t.true(isOpen(first))
})

test('silent crowd at the key-share port - should not keep the backup service out', async (t) => {
  const node = await openKeyshareNode({ shares: holding([]), phase: { kind: 'requestRecovery' } })
  t.teardown(node.close)
  const early = await node.connect()
  t.teardown(() => void early.destroy())
  t.is((await exchange(early, HELLO)).status, 200)
  for (let i = 0; i < LIMITS.keyshareWaiting + 8; i++) await silent(t, node.port, '127.0.0.1')
  for (let i = 0; i < LIMITS.keyshareWaiting + 8; i++) await silent(t, node.port, `127.9.0.${i + 1}`)
  const late = await node.connect()
  t.teardown(() => void late.destroy())
  t.is((await exchange(late, HELLO)).status, 200)
  t.is((await exchange(early, HELLO)).status, 200)
})

test('silent crowd at the mesh port - should not keep a peer out', async (t) => {
  const [a, b] = [await openMeshNode(0), await openMeshNode(1)]
  t.teardown(() => [a, b].forEach((node) => node.close()))
  const crowd: Socket[] = []
  for (let i = 0; i < LIMITS.meshWaitingPerAddress + 8; i++) crowd.push(await silent(t, addressPort(b), '127.0.0.1'))
  await eventually('the oldest to go', () => crowd.filter(isOpen).length === LIMITS.meshWaitingPerAddress || undefined)
  a.mesh.setPeers([peerOf(b.participant)])
  b.mesh.setPeers([peerOf(a.participant)])
  await eventually('the connection', () => a.mesh.connected().length === 1 || undefined)
  for (let i = 0; i < LIMITS.meshWaitingPerAddress + 8; i++) await silent(t, addressPort(b), '127.0.0.1')
  t.is(a.mesh.connected().length, 1)
  const again = await connectTls('127.0.0.1', addressPort(b), a.identity, b.identity.publicKeyText)
  await once(again, 'data')
  again.destroy()
})

const HELLO = 'GET /hello HTTP/1.1\r\n\r\n'
