import { connect } from 'node:net'
import { inspect } from 'node:util'
import test from 'ava'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { peerKey } from '@holdfast/protocol/tls-channel.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { LARGEST_ANSWER_BYTES, mutualTlsNode } from '../src/adapters/mutual-tls-node.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { httpAnswer, NODE_IDENTITY, SERVICE_IDENTITY, startNodeServer, type Answer } from './support/node-server.ts'

const dealt = dealKeyset()
const shares = dealt.sharesOf(0)
const secret = Buffer.from(shares[0]?.privateShare ?? []).toString('hex')
const node = mutualTlsNode({ identity: SERVICE_IDENTITY, deadlineMs: 2_000 })
const never = new AbortController().signal

const giving: Answer = (_, socket, key) =>
  void socket.write(httpAnswer('200 OK', encryptKeyshares(serializeKeyshares(shares), key)))

test("node - should give its shares under the session's own key", async (t) => {
  const server = await startNodeServer(giving)
  t.true((await node.fetchShares(server.address, dealt.json, never)) === serializeKeyshares(shares))
  t.deepEqual(server.clients, [SERVICE_IDENTITY.publicKeyText])
  await server.close()
})

const bodies: [title: string, answer: Answer, code: string][] = [
  [
    'an answer cut short',
    (_, socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nAAAA'),
    'NODE_ANSWER_CUT',
  ],
  [
    'shares cut short',
    (_, socket, key) =>
      void socket.write(httpAnswer('200 OK', encryptKeyshares(serializeKeyshares(shares), key).slice(0, -4))),
    'KEYSHARES_',
  ],
  [
    'a body repeated',
    (_, socket, key) =>
      void socket.write(httpAnswer('200 OK', encryptKeyshares(serializeKeyshares(shares), key).repeat(2))),
    'KEYSHARES_',
  ],
  [
    'an oversized body',
    (_, socket) => void socket.write(httpAnswer('200 OK', 'A'.repeat(LARGEST_ANSWER_BYTES + 1))),
    'NODE_ANSWER_TOO_LARGE',
  ],
  [
    'an endless chunked body',
    (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = `10000\r\n${'A'.repeat(0x10000)}\r\n`
      const more = (): void => void (socket.destroyed || socket.write(chunk, () => setImmediate(more)))
      more()
    },
    'NODE_ANSWER_TOO_LARGE',
  ],
  [
    'plain JSON',
    (_, socket) => void socket.write(httpAnswer('200 OK', serializeKeyshares(shares))),
    'KEYSHARES_MALFORMED',
  ],
  [
    'an error sentence with 200',
    (_, socket) => void socket.write(httpAnswer('200 OK', 'encryption failed')),
    'KEYSHARES_MALFORMED',
  ],
  ['something other than HTTP', (_, socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'), 'NODE_ANSWER_INVALID'],
  [
    'a redirect',
    (_, socket) => void socket.write('HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n'),
    'NODE_REFUSED',
  ],
  ['a 204', (_, socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n'), 'NODE_REFUSED'],
  [
    'shares in an error answer',
    (_, socket) => void socket.write(httpAnswer('500 Oops', `held: ${secret}`)),
    'NODE_REFUSED',
  ],
  ['a closed connection', (_, socket) => void socket.destroy(), 'PEER_CLOSED'],
]

for (const [title, answer, code] of bodies) {
  test(`node - should be refused by name for ${title}, and no share quoted`, async (t) => {
    const server = await startNodeServer(answer)
    const error = await t.throwsAsync(node.fetchShares(server.address, dealt.json, never))
    await server.close()
    t.true((error as unknown as { code: string }).code.startsWith(code), inspect(error))
    t.false(inspect(error, { depth: 10 }).includes(secret))
  })
}

test('node - should be written nothing when its TLS key is not the expected one', async (t) => {
  const server = await startNodeServer(giving, createTlsIdentity(new Uint8Array(32).fill(73)))
  const address = { ...server.address, tlsPublicKey: NODE_IDENTITY.publicKeyText }
  const error = await t.throwsAsync(node.deliverShares(address, shares, never), { code: 'PEER_WRONG_KEY' })
  t.true(error?.message.includes(NODE_IDENTITY.publicKeyText))
  t.true(error?.message.includes(server.address.tlsPublicKey))
  t.deepEqual(server.requests, [])
  await server.close()
})

test('node - should be understood when it does not accept our key', async (t) => {
  const server = await startNodeServer((_, socket) => {
    t.is(peerKey(socket), SERVICE_IDENTITY.publicKeyText)
    socket.destroy()
  })
  const error = await t.throwsAsync(node.fetchShares(server.address, dealt.json, never), { code: 'PEER_CLOSED' })
  t.regex(error?.message ?? '', /registered/)
  await server.close()
})

test('node - should not hold the service longer than the deadline when it says nothing', async (t) => {
  const server = await startNodeServer(() => undefined)
  const hasty = mutualTlsNode({ identity: SERVICE_IDENTITY, deadlineMs: 150 })
  await t.throwsAsync(hasty.fetchShares(server.address, dealt.json, never), { code: 'DEADLINE_EXCEEDED' })
  await server.close()
})

test('node - should be let go of at once when the service stops', async (t) => {
  const stop = new AbortController()
  const server = await startNodeServer(() => stop.abort(new Error('stopped')))
  await t.throwsAsync(node.fetchShares(server.address, dealt.json, stop.signal), { message: 'stopped' })
  await server.close()
})

test('node - should be named when nothing listens', async (t) => {
  const server = await startNodeServer(giving)
  await server.close()
  await t.throwsAsync(node.fetchShares(server.address, dealt.json, never), { code: 'PEER_UNREACHABLE' })
  await t.throwsAsync(new Promise((_, reject) => connect(server.address.port, '127.0.0.1').on('error', reject)))
})

test('delivery - should succeed with 200 only', async (t) => {
  for (const [status, ok] of [
    ['200 OK', true],
    ['204 No Content', false],
    ['409 Conflict', false],
  ] as const) {
    const server = await startNodeServer((_, socket) => void socket.write(httpAnswer(status, '')))
    const put = node.deliverShares(server.address, shares, never)
    if (ok) await t.notThrowsAsync(put)
    else await t.throwsAsync(put, { code: 'NODE_REFUSED' })
    await server.close()
  }
})
