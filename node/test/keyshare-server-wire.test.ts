import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { parseKeyshares } from '@holdfast/protocol/keyshare.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { KEYSET_TEXT } from '../../protocol/test/support/keyshare-vectors.ts'
import { testAgainstDifferences, type WireCase } from '../../tests/support/wire-differences.ts'
import { LIMITS } from '../src/limits.ts'
import { exchange, getRequest } from './support/backup-client.ts'
import { AES_KEY, AWAITING, openRecordedNode, PARTICIPATING, SHARES } from './support/recorded-node.ts'
import { KEYS } from './support/states.ts'
import { converse, parseAnswers, type Session, type Then, type WireAnswer } from './support/wire-session.ts'

/** near/mpc's server, recorded: what it was sent, what it answered, what it did then. */
type Recorded = {
  exchanges: {
    case: string
    afterwards: string
    decrypted_domains?: number[] | null
    handed_to_the_import?: number | null
    request?: { text?: string; starts_with?: string; length: number }
    response: { text?: string }
  }[]
  idle: { case: string; afterwards: string }
}
const VECTORS = join(import.meta.dirname, '..', '..', 'tests', 'vectors')
const server = JSON.parse(await readFile(join(VECTORS, 'near-mpc-wire-http-server.json'), 'utf8')) as Recorded
type RecordedRequest = { case: string; request: { text: string } | null }
const client = JSON.parse(await readFile(join(VECTORS, 'near-mpc-wire-http-client.json'), 'utf8')) as {
  get: RecordedRequest[]
  put: RecordedRequest[]
}

const REGISTRATION_CHANGES = 'open connection, then the registered key changes'
const IMPORT_GONE = 'PUT, import receiver gone'

const exchanges = server.exchanges.map((recorded): WireCase => {
  const request = requestOf(recorded)
  const answers = parseAnswers(recorded.response.text ?? '', request.startsWith('HEAD'))
  const afterwards = recorded.afterwards === 'open' ? 'open' : 'closed'
  return {
    name: recorded.case,
    theirs: describe({ answers, afterwards }),
    ours: (t) =>
      recorded.case === REGISTRATION_CHANGES ? registrationChanges(t) : replay(t, recorded.case, request, answers),
  }
})
const idle: WireCase = {
  name: server.idle.case,
  theirs: server.idle.afterwards,
  async ours(t) {
    const node = await openRecordedNode(t, PARTICIPATING, { requestMs: 300 })
    return (await converse(await node.connect(), 'GET /hel')).afterwards
  },
}
testAgainstDifferences('Requests to a node', [...exchanges, idle])

for (const { case: title, request } of [...client.get, ...client.put]) {
  if (request === null) continue
  const isPut = request.text.startsWith('PUT')
  test(`near/mpc's client ${isPut ? 'putting' : 'getting'}, "${title}" - should be understood`, async (t) => {
    const node = await openRecordedNode(t, isPut ? AWAITING : PARTICIPATING)
    const { status, body } = await exchange(await node.connect(), request.text)
    if (title === 'no share to send') return t.is(status, 422)
    t.is(status, 200)
    if (isPut) return t.is(body, 'Keyshares received.')
    return t.deepEqual(parseKeyshares(decryptKeyshares(body, AES_KEY), 'answer'), SHARES)
  })
}

test('registration that stays - should leave the open connection open', async (t) => {
  const node = await openRecordedNode(t, PARTICIPATING)
  const socket = await node.connect()
  t.teardown(() => void socket.destroy())
  t.is((await exchange(socket, HELLO)).status, 200)
  node.server.keepOnly(node.client.publicKeyText)
  t.is((await exchange(socket, HELLO)).status, 200)
})

/** The recording of this has the right point by chance: its first byte was set to 0, and is 0. */
test('edwards_point of another key - should be refused, naming the domain', async (t) => {
  const text = stringifyJson(pointed(KEYSET_TEXT, 1))
  const node = await openRecordedNode(t, PARTICIPATING)
  const right = await converse(await node.connect(), getRequest(stringifyJson(pointed(KEYSET_TEXT, 0))))
  t.is(describe(right), '200 with the shares of 0 1 2 3, open')
  const wrong = await converse(await node.connect(), getRequest(text))
  t.is(describe(wrong), '400 Invalid keyset, open')
  t.regex(wrong.answers[0]?.body ?? '', /edwards_point of domain 1 /)
})

test('keyset with a field twice - should be refused: two readers could see two keysets', async (t) => {
  const node = await openRecordedNode(t, PARTICIPATING)
  const text = KEYSET_TEXT.replace('{"epoch_id":6', '{"epoch_id":7,"epoch_id":6')
  t.is(describe(await converse(await node.connect(), getRequest(text))), '400 Invalid keyset, open')
})

/** The keyset with the first byte of domain 1's point set to this. */
function pointed(keyset: string, first: number): Json {
  const json = parseJson(keyset, 'keyset')
  const { domains } = json as { domains: { key: { Ed25519?: { edwards_point: number[] } } }[] }
  const point = domains[1]?.key.Ed25519?.edwards_point ?? []
  point[0] = first
  return json
}

const HELLO = 'GET http://example/hello HTTP/1.1\r\n\r\n'

/** Sends the recorded bytes to a node that, as near/mpc's did, holds the shares, or awaits them, and looks at its disk. */
async function replay(
  t: ExecutionContext,
  name: string,
  request: string,
  theirs: readonly WireAnswer[],
): Promise<string> {
  const awaits = name.startsWith('PUT') && name !== IMPORT_GONE
  const node = await openRecordedNode(t, awaits ? AWAITING : PARTICIPATING)
  const session = await converse(await node.connect(), request, whatFollows(name, request))
  if (awaits) {
    const isTaken = session.answers.at(-1)?.status === 200
    t.deepEqual(
      node.store.all().map(({ share }) => share),
      isTaken ? SHARES : [],
      'a 200 means that all are on disk, any other answer that none is',
    )
  }
  for (const [index, ours] of session.answers.entries()) {
    if (ours.status === theirs[index]?.status) t.deepEqual(headerNames(ours), headerNames(theirs[index]))
  }
  return describe(session)
}

/** But for `connection`, which says the same as what happens afterwards. */
function headerNames({ headers }: WireAnswer): string[] {
  return [...headers.keys()].filter((name) => name !== 'connection').toSorted()
}

function whatFollows(name: string, request: string): Then {
  if (name.includes('cut short') || request === '') return 'ends'
  return request.length > LIMITS.keyshareHeaderBytes ? 'waits' : 'asks on'
}

async function registrationChanges(t: ExecutionContext): Promise<string> {
  const node = await openRecordedNode(t, PARTICIPATING)
  const socket = await node.connect()
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  const { status, body } = await exchange(socket, HELLO)
  node.server.keepOnly(KEYS.other)
  await closed
  return describe({ answers: [{ status, headers: new Map(), body }], afterwards: 'closed' })
}

function describe({ answers, afterwards }: Session): string {
  return [...(answers.length === 0 ? ['no answer'] : answers.map(describeAnswer)), afterwards].join(', ')
}

function describeAnswer({ status, body }: WireAnswer): string {
  const domains = sharesIn(body)
  if (domains !== undefined) return `${status} with the shares of ${domains.join(' ') || 'no domain'}`
  return `${status} ${body.split(/[:|]/, 1)[0] ?? ''}`.trim()
}

/** The domains of an encrypted answer, or undefined for any other text. */
function sharesIn(body: string): bigint[] | undefined {
  if (!/^[A-Za-z0-9+/=]{40,}$/.test(body)) return undefined
  return parseKeyshares(decryptKeyshares(body, AES_KEY), 'answer').map(({ domainId }) => domainId)
}

/** The recording keeps only the start of a very long request: the rest is more of the same, or of the same kind. */
function requestOf({ case: name, request }: Recorded['exchanges'][number]): string {
  if (request === undefined) return ''
  const start = request.text ?? request.starts_with ?? ''
  if (!name.includes('padded')) return start + start.slice(-1).repeat(request.length - start.length)
  const head = start.slice(0, start.indexOf('\r\n\r\n') + 4)
  const bytes = ((request.length - head.length) / 4) * 3 - 28
  return head + encryptKeyshares('[]'.padEnd(bytes - 1, ' '), AES_KEY)
}

test('limits of the node - should be those that the page names', async (t) => {
  const page = await readFile(join(VECTORS, '..', '..', 'docs', 'near-mpc-wire.md'), 'utf8')
  t.true(page.includes(`bodies end at ${LIMITS.keyshareBodyBytes / 1024 / 1024} MiB`))
  t.true(page.includes(`a request has ${LIMITS.keyshareRequestMs / 1000} s`))
})
