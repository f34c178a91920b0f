import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { BACKUP, CLIENT_CERTIFICATES } from '../../protocol/test/support/tls-vectors.ts'
import { readVectors } from '../../protocol/test/support/vectors.ts'
import { testAgainstDifferences, type WireCase } from '../../tests/support/wire-differences.ts'
import { openRecordedNode, PARTICIPATING } from './support/recorded-node.ts'

/** What near/mpc's server did with a client after the handshake, which it completes with anyone. */
type Tried = {
  result: { facts: { version: string; alpn: null; group: string; cipher_suite: string }; first_read: string }
}
const recorded = readVectors<{
  client_certificates_tried_on_the_node: (Tried & { certificate: string })[]
  other_client_variants: (Tried & { case: string })[]
  client_hello: { record_hex: string }
}>('near-mpc-wire-tls.json')

const HELLO = 'GET http://example/hello HTTP/1.1\r\n\r\n'
const OWN = { cert: BACKUP.certPem, key: BACKUP.keyPem }
const NO_REGISTRATION = 'no backup service registered'
const VARIANTS: Record<string, ConnectionOptions> = {
  'no SNI': { servername: '' },
  'ALPN h2, http/1.1 offered': { ALPNProtocols: ['h2', 'http/1.1'] },
  [NO_REGISTRATION]: {},
}

const certificates = recorded.client_certificates_tried_on_the_node.map(({ certificate, result }, index): WireCase => {
  const { chainPem, keyPem } = CLIENT_CERTIFICATES[index] ?? { chainPem: '', keyPem: '' }
  return {
    name: certificate,
    theirs: outcome(result.first_read),
    ours: (t) => knock(t, chainPem === '' ? {} : { cert: chainPem, key: keyPem }),
  }
})
const variants = recorded.other_client_variants.map(({ case: name, result }): WireCase => ({
  name,
  theirs: outcome(result.first_read),
  ours: (t) => knock(t, { ...OWN, ...VARIANTS[name] }, name !== NO_REGISTRATION),
}))
testAgainstDifferences("Clients' certificates", [...certificates, ...variants])

test("near/mpc's own ClientHello, byte for byte - should be answered with the suite and group that its server picks", async (t) => {
  const { facts } = recorded.client_certificates_tried_on_the_node[0]?.result ?? t.fail()
  const node = await openRecordedNode(t, PARTICIPATING)
  const socket = connectTcp(node.port, '127.0.0.1')
  t.teardown(() => void socket.destroy())
  socket.write(Buffer.from(recorded.client_hello.record_hex, 'hex'))
  const [serverHello] = (await once(socket, 'data')) as [Buffer]
  const hello = readServerHello(serverHello)
  t.deepEqual(hello, { suite: 0x1302, version: 0x0304, group: 0x001d })
  t.deepEqual(
    [facts.cipher_suite, facts.version, facts.group],
    ['Some(TLS13_AES_256_GCM_SHA384)', 'Some(TLSv1_3)', 'Some(X25519)'],
  )
})

test('TLS 1.2 - should be refused with the alert that near/mpc sends, protocol_version', async (t) => {
  const node = await openRecordedNode(t, PARTICIPATING)
  const socket = open(node.port, { ...OWN, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  t.is(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

/** Connects, says hello and tells whether the answer was one. Nothing is agreed upon beside TLS 1.3. */
async function knock(t: ExecutionContext, options: ConnectionOptions, isRegistered = true): Promise<string> {
  const node = await openRecordedNode(t, PARTICIPATING)
  node.state.registered = isRegistered ? BACKUP.publicKeyText : undefined
  const socket = open(node.port, options)
  t.teardown(() => void socket.destroy())
  let received = ''
  socket.on('secureConnect', () => {
    t.is(socket.getProtocol(), 'TLSv1.3')
    t.is(socket.alpnProtocol, false)
    socket.write(HELLO)
  })
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const answered = new Promise((resolve) =>
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (received.endsWith('Hello, world!')) resolve(undefined)
    }),
  )
  await Promise.race([answered, closed])
  return outcome(received)
}

function open(port: number, options: ConnectionOptions): TLSSocket {
  return connect({ host: '127.0.0.1', port, servername: 'dummy', rejectUnauthorized: false, ...options })
}

function outcome(firstRead: string): string {
  return firstRead.startsWith('HTTP/1.1 200') ? 'served' : 'closed without an answer'
}

/** RFC 8446, 4.1.3, behind the headers of record (5 bytes) and handshake message (4). */
function readServerHello(bytes: Buffer): { suite: number; version: number; group: number } {
  const afterSession = 9 + 2 + 32 + 1 + bytes.readUInt8(9 + 2 + 32)
  const extensions = new Map<number, Buffer>()
  let at = afterSession + 2 + 1 + 2
  const end = at + bytes.readUInt16BE(at - 2)
  while (at < end) {
    const length = bytes.readUInt16BE(at + 2)
    extensions.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return {
    suite: bytes.readUInt16BE(afterSession),
    version: extensions.get(43)?.readUInt16BE(0) ?? 0,
    group: extensions.get(51)?.readUInt16BE(0) ?? 0,
  }
}
