import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { serializeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { createLogger } from '@holdfast/protocol/log.ts'
import { sharesChannelKey } from '@holdfast/protocol/tls-channel.ts'
import { createRegisteredClient } from '../src/keyshare-server/registered-client.ts'
import { LIMITS } from '../src/limits.ts'
import type { Phase } from '../src/phases/phase.ts'
import type { KeepShares } from '../src/ports.ts'
import { exchange, getRequest, newIdentity, putRequest, type Reply } from './support/backup-client.ts'
import { openKeyshareNode, type KeyshareNode } from './support/keyshare-node.ts'
import { holding } from './support/mesh-node.ts'
import { keysetOf, keysetText, knownKey, shareOf, storedShare, type KnownKey } from './support/shares.ts'
import { KEYS } from './support/states.ts'

const KEY_SET = [knownKey(0), knownKey(1)]
const [FIRST, SECOND] = KEY_SET as [KnownKey, KnownKey]
const PARTICIPANT = 2
const MINE = KEY_SET.map((key) => shareOf(key, PARTICIPANT))
const AWAITING: Phase = {
  kind: 'awaitingShares',
  helpers: [],
  keyset: keysetOf(KEY_SET),
  claim: 'recovery',
  participantId: PARTICIPANT,
  requestedAt: 0n,
  hasBackupService: true,
}

function importing(imports: Keyshare[][], failure?: HoldfastError): KeepShares {
  return {
    ...holding([]),
    async importShares(_keyset, shares) {
      if (failure !== undefined) throw failure
      imports.push(shares)
    },
  }
}

async function awaiting(
  t: ExecutionContext,
  imports: Keyshare[][] = [],
  failure?: HoldfastError,
): Promise<KeyshareNode> {
  const node = await openKeyshareNode({ shares: importing(imports, failure), phase: AWAITING })
  t.teardown(node.close)
  return node
}

async function put(node: KeyshareNode, shares: Keyshare[]): Promise<Reply> {
  const socket = await node.connect()
  try {
    return await exchange(socket, putRequest(encryptKeyshares(serializeKeyshares(shares), sharesChannelKey(socket))))
  } finally {
    socket.destroy()
  }
}

async function ask(node: KeyshareNode, request: string): Promise<Reply> {
  const socket = await node.connect()
  try {
    return await exchange(socket, request)
  } finally {
    socket.destroy()
  }
}

test('proven shares - should be stored before the 200, and again be a 200', async (t) => {
  const imports: Keyshare[][] = []
  const node = await awaiting(t, imports)
  t.deepEqual(await put(node, MINE), { status: 200, body: 'Keyshares received.' })
  t.deepEqual(imports, [MINE])
  t.is(node.state.stored, 1)
  t.is((await put(node, MINE)).status, 200)
})

const replaced = (changes: Partial<KnownKey>): Keyshare[] => [
  shareOf({ ...FIRST, ...changes }, PARTICIPANT),
  shareOf(SECOND, PARTICIPANT),
]
const WRONG: { title: string; shares: Keyshare[]; says: RegExp }[] = [
  { title: 'another epoch', shares: replaced({ epoch: 3n }), says: /KEYSHARE_WRONG_EPOCH/ },
  { title: 'another attempt', shares: replaced({ attempt: 1n }), says: /KEYSHARE_WRONG_ATTEMPT/ },
  { title: 'another domain', shares: replaced({ domain: 7n }), says: /KEYSHARE_(WRONG_DOMAIN|EXTRA|MISSING)/ },
  { title: 'another group key', shares: replaced({ coefficients: [5n, 6n] }), says: /KEYSHARE_WRONG_KEY/ },
  {
    title: 'another polynomial under the right key',
    shares: replaced({ coefficients: [FIRST.coefficients[0] ?? 1n, 99n] }),
    says: /KEYSHARE_NOT_ON_POLYNOMIAL/,
  },
  {
    title: "another participant's share",
    shares: [shareOf(FIRST, 0), shareOf(SECOND, PARTICIPANT)],
    says: /KEYSHARE_NOT_ON_POLYNOMIAL/,
  },
  { title: 'a domain missing', shares: MINE.slice(0, 1), says: /KEYSHARE_MISSING/ },
  {
    title: 'a domain too many',
    shares: [...MINE, shareOf(knownKey(2), PARTICIPANT)],
    says: /KEYSHARE_(EXTRA|WRONG_DOMAIN)/,
  },
  { title: 'a domain twice', shares: [...MINE, ...MINE.slice(0, 1)], says: /KEYSHARE_DUPLICATE/ },
  { title: 'nothing', shares: [], says: /KEYSHARE_MISSING/ },
]

for (const { title, shares, says } of WRONG) {
  test(`shares with ${title} - should be refused by name and not stored`, async (t) => {
    const imports: Keyshare[][] = []
    const node = await awaiting(t, imports)
    const { status, body } = await put(node, shares)
    t.is(status, 422)
    t.regex(body, says)
    t.deepEqual(imports, [])
    for (const { privateShare } of shares) t.false(body.includes(Buffer.from(privateShare).toString('hex')))
  })
}

test('full disk - should be 507 with the reason', async (t) => {
  const node = await awaiting(
    t,
    [],
    new HoldfastError('DISK_FULL', 'cannot store: the disk is full; nothing was changed'),
  )
  const { status, body } = await put(node, MINE)
  t.is(status, 507)
  t.regex(body, /DISK_FULL.*nothing was changed/)
  t.is(node.state.stored, 0)
})

test('node that awaits no shares - should refuse them', async (t) => {
  const imports: Keyshare[][] = []
  const node = await awaiting(t, imports)
  node.state.phase = { kind: 'requestRecovery' }
  t.deepEqual(await put(node, MINE), {
    status: 409,
    body: "Not awaiting keyshares: the node's phase is requestRecovery",
  })
  t.deepEqual(imports, [])
})

test('delivery that comes a moment before this node reads the block - should be taken', async (t) => {
  const node = await awaiting(t)
  node.state.phase = { kind: 'requestRecovery' }
  node.state.next = AWAITING
  t.is((await put(node, MINE)).status, 200)
})

test('open connection while the view goes stale - should be served nothing', async (t) => {
  const node = await awaiting(t)
  const socket = await node.connect()
  t.teardown(() => void socket.destroy())
  t.is((await exchange(socket, 'GET /hello HTTP/1.1\r\n\r\n')).status, 200)
  node.state.isReadable = false
  t.is((await exchange(socket, getRequest(keysetText(KEY_SET)))).status, 503)
  t.is(
    (await exchange(socket, putRequest(encryptKeyshares(serializeKeyshares(MINE), sharesChannelKey(socket))))).status,
    503,
  )
})

test('body under the key of another session - should be refused', async (t) => {
  const node = await awaiting(t)
  const other = await node.connect()
  const text = encryptKeyshares(serializeKeyshares(MINE), sharesChannelKey(other))
  other.destroy()
  const { status, body } = await ask(node, putRequest(text))
  t.is(status, 400)
  t.regex(body, /another key, or changed on the way/)
})

test('commitments that differ - should not be served', async (t) => {
  const node = await openKeyshareNode({
    shares: holding(KEY_SET.map((key) => storedShare(key, PARTICIPANT))),
    phase: AWAITING,
  })
  t.teardown(node.close)
  t.is((await ask(node, getRequest(keysetText(KEY_SET)))).status, 200)
  t.is((await ask(node, getRequest(keysetText([FIRST])))).status, 500)
  t.is((await ask(node, getRequest(keysetText([{ ...FIRST, attempt: 1n }, SECOND])))).status, 500)
})

test('body larger than the limit - should be refused at once', async (t) => {
  const node = await awaiting(t)
  const { status } = await ask(node, putRequest('A'.repeat(LIMITS.keyshareBodyBytes + 1)))
  t.is(status, 413)
})

for (const [title, open] of [
  ['an unregistered key', (node: KeyshareNode) => node.connect(newIdentity())],
  [
    'no registration at all',
    (node: KeyshareNode) => {
      node.state.registered = undefined
      return node.connect()
    },
  ],
  [
    'a view that cannot be read',
    (node: KeyshareNode) => {
      node.state.isReadable = false
      return node.connect()
    },
  ],
] as const) {
  test(`client with ${title} - should be closed before any answer`, async (t) => {
    const node = await awaiting(t)
    const socket = await open(node)
    await t.throwsAsync(exchange(socket, 'GET /hello HTTP/1.1\r\n\r\n'), undefined, 'not a byte of HTTP may come')
  })
}

test('crowd of strangers - should cost one read of the chain, and a view that was just read none', async (t) => {
  const node = await awaiting(t)
  const knock = async () => {
    const socket = await node.connect(newIdentity())
    socket.on('error', () => undefined).resume()
    if (!socket.destroyed) await once(socket, 'close')
  }
  await Promise.all(Array.from({ length: 10 }, knock))
  t.is(node.state.reads, 1)
  node.server.keepOnly(undefined)
  await t.throwsAsync(ask(node, 'GET /hello HTTP/1.1\r\n\r\n'), undefined, 'the newest view has no registration')
  node.server.keepOnly(node.client.publicKeyText)
  t.is((await ask(node, 'GET /hello HTTP/1.1\r\n\r\n')).status, 200)
  t.is(node.state.reads, 1)
})

test('registered client - should be read once a second at most, failures included, and never twice at a time', async (t) => {
  const clock = { ms: 0 }
  const reading = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()] as const
  let reads = 0
  const client = createRegisteredClient(
    () => reading[reads++]?.promise ?? Promise.reject(new Error('once more')),
    () => clock.ms,
  )
  const asked = [client.current(), client.current()]
  clock.ms += 5_000
  asked.push(client.current())
  t.is(reads, 1)
  reading[0].reject(new Error('no endpoint'))
  for (const { status } of await Promise.allSettled(asked)) t.is(status, 'rejected')
  clock.ms += LIMITS.keyshareReadEveryMs
  void client.current()
  t.is(reads, 2)
  reading[1].resolve(undefined)
  clock.ms += LIMITS.keyshareReadEveryMs - 1
  t.is(await client.current(), undefined)
  t.is(reads, 2)
  client.note(KEYS.mine)
  clock.ms += LIMITS.keyshareReadEveryMs - 1
  t.is(await client.current(), KEYS.mine)
  clock.ms += 1
  await t.throwsAsync(client.current(), { message: 'once more' })
  await t.throwsAsync(client.current(), { message: 'once more' })
  t.is(reads, 3)
})

test('client that stops in the middle of its request - should be cut off by the deadline', async (t) => {
  const node = await openKeyshareNode({ shares: importing([]), phase: AWAITING, requestMs: 300 })
  t.teardown(node.close)
  for (const start of ['GET /hel', 'PUT /set_keyshares HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc']) {
    const socket = await node.connect()
    socket.on('error', () => undefined).resume()
    const since = Date.now()
    socket.write(start)
    await once(socket, 'close')
    t.true(Date.now() - since < 3_000, start)
  }
})

test('log of a whole delivery - should hold no secret', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', level: 'trace', stream: { write: (line: string) => void lines.push(line) } })
  const node = await openKeyshareNode({ shares: importing([]), phase: AWAITING, log })
  t.teardown(node.close)
  await put(node, MINE)
  await put(node, replaced({ coefficients: [5n, 6n] }))
  t.true(lines.length >= 2)
  for (const { privateShare } of [...MINE, ...replaced({ coefficients: [5n, 6n] })]) {
    const share = Buffer.from(privateShare)
    for (const text of [share.toString('hex'), share.toString('base64'), [...share].join()])
      t.false(lines.join('').includes(text))
  }
})

test('requests - should be counted by kind, and by whose fault it was', async (t) => {
  const node = await awaiting(t, [], new HoldfastError('DISK_FULL', 'no room'))
  await ask(node, getRequest('{}'))
  await put(node, MINE)
  await ask(node, 'GET /hello HTTP/1.1\r\n\r\n')
  const none = { answered: 0, refused: 0, failed: 0 }
  t.deepEqual(node.counts().keyshareRequests, {
    get: { ...none, refused: 1 },
    put: { ...none, failed: 1 },
    other: { ...none, answered: 1 },
  })
})
