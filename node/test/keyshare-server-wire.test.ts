import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import { parseJson } from '@holdfast/protocol/json.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import { parseKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { decryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import type { Phase } from '../src/phases/phase.ts'
import type { KeepShares, StoredShare } from '../src/ports.ts'
import { exchange } from './support/backup-client.ts'
import { openKeyshareNode, type KeyshareNode } from './support/keyshare-node.ts'
import { holding, participating } from './support/mesh-node.ts'
import { KEYS } from './support/states.ts'

/** near/mpc's server, recorded: what it was sent and what it answered. Its node holds participant 0's shares. */
type Recorded = {
  aes_key_hex: string
  exchanges: {
    case: string
    decrypted_domains: number[] | null
    request?: { text?: string; starts_with?: string; length: number }
    response: { status_line: string; body_text: string } | null
  }[]
}
const VECTORS = join(import.meta.dirname, '..', '..', 'tests', 'vectors')
const server = JSON.parse(await readFile(join(VECTORS, 'near-mpc-wire-http-server.json'), 'utf8')) as Recorded
const client = JSON.parse(await readFile(join(VECTORS, 'near-mpc-wire-http-client.json'), 'utf8')) as {
  get: { case: string; request: { text: string } | null }[]
  put: { case: string; request: { text: string } | null }[]
}
const made = JSON.parse(await readFile(join(VECTORS, 'near-mpc-wire-keyshares.json'), 'utf8')) as {
  keyset_text: string
  keyshares_text_by_participant: Record<string, string>
}
const AES_KEY = Buffer.from(server.aes_key_hex, 'hex')
const KEYSET: Keyset = parseKeyset(parseJson(made.keyset_text, 'keyset'), 'keyset')
const SHARES: Keyshare[] = parseKeyshares(made.keyshares_text_by_participant['0'] ?? '', 'shares')

const self = {
  accountId: 'a.near',
  participantId: 0,
  info: { url: 'http://a.near:1', tls_public_key: KEYS.mine, incarnation: 0n },
}
const PARTICIPATING = participating(self, [self], KEYSET, 3)
const AWAITING: Phase = {
  kind: 'awaitingShares',
  helpers: [],
  keyset: KEYSET,
  record: {
    participant_id: 0,
    destination_node_info: { url: 'http://a.near:1', tls_public_key: KEYS.mine },
    signer_account_pk: KEYS.signer,
    requested_at: 0n,
    expires_at: 1n,
    delivered: null,
  },
}

function stored(): StoredShare[] {
  return KEYSET.domains.flatMap((domain) =>
    SHARES.filter(({ domainId }) => domainId === domain.domain_id).map((share) => ({
      share,
      key: publicKeyText(domain.key),
      commitments: null,
    })),
  )
}

function keysetStore(imports: Keyshare[][]): KeepShares {
  const store = holding(stored())
  return {
    ...store,
    held: (epochId, key) =>
      store
        .all()
        .find(
          ({ share, key: text }) =>
            share.epochId === epochId &&
            share.domainId === key.domain_id &&
            share.attemptId === key.attempt &&
            text === publicKeyText(key.key),
        ),
    importShares: async (_keyset, shares) => void imports.push(shares),
  }
}

/** Where Holdfast answers otherwise, and why. */
const DIFFERENT: Record<string, { status: number; why: string }> = {
  'GET one domain twice': { status: 400, why: 'a share is never returned twice' },
  'GET public key text of a BLS domain without a prefix': { status: 500, why: 'refused as a key that is not held' },
  'PUT empty array': { status: 422, why: 'a 200 means that the whole keyset is on disk' },
  'PUT shares of another epoch than held': { status: 422, why: 'not the live epoch' },
  'PUT fewer shares than held': { status: 422, why: 'not the whole keyset' },
  'PUT one share twice': { status: 422, why: 'not each domain once' },
  'PUT 64 MiB, not base64': { status: 413, why: 'bodies have a limit' },
  'PUT valid, padded with 4 MiB of white space': { status: 413, why: 'bodies have a limit' },
  'PUT, import receiver gone': { status: 409, why: 'the node awaits no shares' },
  'HTTP/2 preface': { status: 400, why: 'Node says so instead of closing without a word' },
  'lower-case method': { status: 400, why: "Node's parser knows methods by name" },
  'content-length and chunked together': { status: 400, why: 'ambiguous framing is refused' },
  'GET an attempt that is only in temporary storage': { status: 500, why: 'only concluded attempts are served' },
  'GET the same with another public key': { status: 500, why: 'only concluded attempts are served' },
}

for (const recorded of server.exchanges) {
  const { request, response } = recorded
  if (request === undefined || request.length === 0) continue
  const different = DIFFERENT[recorded.case]
  const expected = different?.status ?? statusOf(response?.status_line ?? '')
  test(`recorded request "${recorded.case}" - should be answered with ${expected}${different === undefined ? ' as by near/mpc' : `: ${different.why}`}`, async (t) => {
    const imports: Keyshare[][] = []
    const isImport = recorded.case.startsWith('PUT') && expected !== 409
    const node = await openKeyshareNode({
      shares: keysetStore(imports),
      phase: isImport ? AWAITING : PARTICIPATING,
      aesKey: AES_KEY,
    })
    t.teardown(node.close)
    const socket = await node.connect()
    t.teardown(() => void socket.destroy())
    const text = request.text ?? whole(request.starts_with ?? '', request.length)
    const answer = exchange(socket, text)
    if (recorded.case.includes('cut short') || text.startsWith('HEAD')) socket.end()
    // Node closes on too long a header without reading the rest, and the reset may overtake the answer.
    const isCutOff = recorded.case === 'one header of 500 KiB'
    const { status, body } = await (isCutOff ? answer.catch(() => ({ status: 431, body: '' })) : answer)
    t.is(status, expected)
    t.is(imports.length, isImport && status === 200 ? 1 : 0)
    if (status !== 200) return
    if (recorded.decrypted_domains === null) return t.true(response?.body_text.includes(body))
    const domains = parseKeyshares(decryptKeyshares(body, AES_KEY), 'answer').map(({ domainId }) => Number(domainId))
    return t.deepEqual(domains, recorded.decrypted_domains)
  })
}

for (const { case: title, request } of [...client.get, ...client.put]) {
  if (request === null) continue
  const isPut = request.text.startsWith('PUT')
  test(`near/mpc's client ${isPut ? 'putting' : 'getting'}, "${title}" - should be understood`, async (t) => {
    const imports: Keyshare[][] = []
    const node = await openKeyshareNode({
      shares: keysetStore(imports),
      phase: isPut ? AWAITING : PARTICIPATING,
      aesKey: AES_KEY,
    })
    t.teardown(node.close)
    const socket = await node.connect()
    t.teardown(() => void socket.destroy())
    const { status, body } = await exchange(socket, request.text)
    if (title === 'no share to send') return t.is(status, 422)
    t.is(status, 200)
    if (isPut) return t.is(body, 'Keyshares received.')
    return t.deepEqual(parseKeyshares(decryptKeyshares(body, AES_KEY), 'answer'), SHARES)
  })
}

test('registration that changes - should close the open connection', async (t) => {
  const node: KeyshareNode = await openKeyshareNode({ shares: keysetStore([]), phase: PARTICIPATING, aesKey: AES_KEY })
  t.teardown(node.close)
  const socket = await node.connect()
  t.is((await exchange(socket, 'GET http://example/hello HTTP/1.1\r\n\r\n')).body, 'Hello, world!')
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  node.server.keepOnly(node.client.publicKeyText)
  t.is((await exchange(socket, 'GET http://example/hello HTTP/1.1\r\n\r\n')).status, 200)
  node.server.keepOnly(KEYS.other)
  await closed
  t.true(socket.destroyed)
})

function statusOf(line: string): number {
  if (line.startsWith('HTTP/1.1 100')) return 200
  return Number(line.split(' ')[1] ?? 0)
}

/** The recording keeps only the start of a very long request; the rest is more of the same. */
function whole(start: string, length: number): string {
  return start + start.slice(-1).repeat(length - start.length)
}
