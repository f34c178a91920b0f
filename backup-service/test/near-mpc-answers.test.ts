import { readFile } from 'node:fs/promises'
import test from 'ava'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { keysetWithCommitments, sharesOf } from '../../protocol/test/support/keyshare-vectors.ts'
import { BACKUP, NODE, SERVER_CERTIFICATES } from '../../protocol/test/support/tls-vectors.ts'
import { fromHex, readVectors } from '../../protocol/test/support/vectors.ts'
import { testAgainstDifferences, type WireCase } from '../../tests/support/wire-differences.ts'
import { EXCHANGE_DEADLINE_MS, LARGEST_ANSWER_BYTES, mutualTlsNode } from '../src/adapters/mutual-tls-node.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { httpAnswer, startNodeServer, type Answer } from './support/node-server.ts'
import { repositoryOn } from './support/repository.ts'

/** What near/mpc's client made of these answers. Its keys, its keyset, participant 0's shares. */
type Recorded = { case: string; answer: { text: string }; client_result: { ok: boolean } }
const client = readVectors<{ aes_key_hex: string; get: Recorded[]; put: Recorded[] }>('near-mpc-wire-http-client.json')
const server = readVectors<{ exchanges: { case: string; response: { text: string } }[] }>(
  'near-mpc-wire-http-server.json',
)
const bodies = readVectors<{
  reader: { case: string; accepted: boolean; body_text: string; plaintext_text: string | null }[]
  reader_key_hex: string
}>('near-mpc-wire-aes-gcm.json')
const tls = readVectors<{ server_certificates_tried_on_the_client: { certificate: string; result: string }[] }>(
  'near-mpc-wire-tls.json',
)

const KEYSET = keysetWithCommitments()
const AES_KEY = fromHex(client.aes_key_hex)
const never = new AbortController().signal
type Peer = { answer: Answer; certPem?: string; keyPem?: string; deadlineMs?: number; aesKey?: Uint8Array }

testAgainstDifferences(
  'Answers to a GET',
  client.get.map(({ case: name, answer, client_result }): WireCase => {
    const deadlineMs = name.includes('then silence') ? 300 : 20_000
    return {
      name,
      theirs: client_result.ok ? 'taken' : 'refused',
      ours: () => fetchAndStore({ answer: bytes(answer.text), deadlineMs }),
    }
  }),
)

testAgainstDifferences(
  'Answers to a PUT',
  client.put.map(({ case: name, answer, client_result }): WireCase => {
    const shares = name === 'no share to send' ? [] : sharesOf(0)
    return {
      name,
      theirs: client_result.ok ? 'taken' : 'refused',
      ours: () => withNode({ answer: bytes(answer.text) }, (node, at) => node.deliverShares(at, shares, never)),
    }
  }),
)

testAgainstDifferences(
  'Bodies of key shares',
  bodies.reader.map(({ case: name, accepted, body_text, plaintext_text }): WireCase => {
    const asked = plaintext_text?.includes('"domain_id":0') === true ? [0n, 1n] : [1n]
    const domains = KEYSET.domains.filter(({ domain_id }) => asked.includes(domain_id))
    const peer = { answer: bytes(httpAnswer('200 OK', body_text)), aesKey: fromHex(bodies.reader_key_hex) }
    return { name, theirs: accepted ? 'taken' : 'refused', ours: () => fetchAndStore(peer, { ...KEYSET, domains }) }
  }),
)

const whole = client.get[0]?.answer.text ?? ''
testAgainstDifferences(
  "Servers' certificates",
  tls.server_certificates_tried_on_the_client.map(({ certificate, result }, index): WireCase => {
    const { chainPem = '', keyPem = '' } = SERVER_CERTIFICATES[index] ?? {}
    return {
      name: certificate,
      theirs: result.startsWith('connected') ? 'taken' : 'refused',
      ours: () => fetchAndStore({ answer: bytes(whole), certPem: chainPem, keyPem }),
    }
  }),
)

/** What near/mpc's server may do and no recording of its client has. */
const REST: [title: string, answer: Answer, code: string][] = [
  ['a 431', bytes('HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n'), 'NODE_REFUSED'],
  ['a reset', (_, _socket, _key, tcp) => void tcp?.resetAndDestroy(), 'PEER_CLOSED'],
  ['an end without close_notify', (_, _socket, _key, tcp) => void tcp?.destroy(), 'PEER_CLOSED'],
  [
    'a reset in the middle of the shares',
    (_, socket, _key, tcp) => void socket.write(whole.slice(0, 900), () => tcp?.resetAndDestroy()),
    'NODE_ANSWER_CUT',
  ],
  [
    'an end without close_notify in the middle of the shares',
    (_, socket, _key, tcp) => void socket.write(whole.slice(0, 900), () => tcp?.destroy()),
    'NODE_ANSWER_CUT',
  ],
  [
    'shares that come a byte at a time, for ever',
    (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1544\r\n\r\n')
      const drip = setInterval(() => socket.write('A'), 20)
      socket.on('close', () => clearInterval(drip))
    },
    'DEADLINE_EXCEEDED',
  ],
  [
    'headers without an end',
    (_, socket) => {
      const more = (): void =>
        void (socket.destroyed || socket.write(`x: ${'y'.repeat(8_000)}\r\n`, () => setImmediate(more)))
      socket.write('HTTP/1.1 200 OK\r\n', more)
    },
    'NODE_ANSWER_INVALID',
  ],
]
for (const [title, answer, code] of REST) {
  test(`a node that answers with ${title} - should be refused as ${code}`, async (t) => {
    const deadlineMs = code === 'DEADLINE_EXCEEDED' ? 400 : 20_000
    const peer = await startNodeServer(answer, NODE)
    const node = mutualTlsNode({ identity: BACKUP, nearMpcKey: AES_KEY, deadlineMs })
    await t.throwsAsync(node.fetchShares(peer.address, keysetJson(KEYSET), never), { code })
    await peer.close()
  })
}

test('a node that returns a share twice, as near/mpc does when asked twice - should be refused by name', async (t) => {
  const twice = server.exchanges.find(({ case: name }) => name === 'GET one domain twice')?.response.text ?? ''
  const node = await startNodeServer(bytes(twice), NODE)
  const keyshares = await mutualTlsNode({ identity: BACKUP, nearMpcKey: AES_KEY }).fetchShares(
    node.address,
    keysetJson(KEYSET),
    never,
  )
  await node.close()
  const stored = repositoryOn(new MemoryFiles()).store({ keyset: KEYSET, participantId: 0, keyshares }, never)
  await t.throwsAsync(stored, { code: 'KEYSHARE_DUPLICATE', message: /domain 0/ })
})

test('limits of the client - should be those that the page names', async (t) => {
  const page = await readFile(new URL('../../docs/near-mpc-wire.md', import.meta.url), 'utf8')
  t.true(page.includes(`The client has ${EXCHANGE_DEADLINE_MS / 1000} s for everything`))
  t.true(page.includes(`Answers end at ${LARGEST_ANSWER_BYTES / 1024 / 1024} MiB`))
})

type Use = (
  node: ReturnType<typeof mutualTlsNode>,
  at: Parameters<ReturnType<typeof mutualTlsNode>['fetchShares']>[0],
) => Promise<unknown>

/** `taken`, or `refused` with an error of ours. */
async function withNode({ answer, deadlineMs = 20_000, aesKey = AES_KEY, ...own }: Peer, use: Use): Promise<string> {
  const peer = await startNodeServer(answer, { ...NODE, ...own })
  try {
    await use(mutualTlsNode({ identity: BACKUP, nearMpcKey: aesKey, deadlineMs }), peer.address)
    return 'taken'
  } catch (error) {
    if (isHoldfastError(error)) return 'refused'
    throw error
  } finally {
    await peer.close()
  }
}

/** A backup as the service makes one: taken means stored, proved before and after. */
function fetchAndStore(peer: Peer, keyset: Keyset = KEYSET): Promise<string> {
  return withNode(peer, async (node, at) => {
    const keyshares = await node.fetchShares(at, keysetJson(keyset), never)
    await repositoryOn(new MemoryFiles()).store({ keyset, participantId: 0, keyshares }, never)
  })
}

function keysetJson(keyset: Keyset): Json {
  return parseJson(stringifyJson(keyset as unknown as Json), 'the keyset')
}

function bytes(text: string): Answer {
  return (_, socket) => void socket.write(text)
}
