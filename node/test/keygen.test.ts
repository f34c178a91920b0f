import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'
import { createLogger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { createAttemptSessions } from '../src/key-events/attempt-sessions.ts'
import { KeyEventFailure, meshForAttempt } from '../src/key-events/ask-participant.ts'
import { createBroadcast, digestOf, type Broadcast } from '../src/key-events/broadcast.ts'
import { createEchoes, ECHO, type Echoes } from '../src/key-events/echo.ts'
import { generateKey } from '../src/keygen/generate-key.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2 } from '../src/keygen/messages.ts'
import { createKeygenSessions, publicParts, type KeygenSession, type KeygenSessions } from '../src/keygen/sessions.ts'
import type { HandleRequest } from '../src/mesh/guest.ts'
import { identifierOf } from '../src/signing/group.ts'
import { joinNodes, openMeshNode, type MeshNode } from './support/mesh-node.ts'
import { eventually, startNetwork, startNode } from './support/network.ts'

const ACCOUNTS = ['a.near', 'b.near', 'c.near']
const ATTEMPT = { epochId: 4n, domainId: 1n, attemptId: 3n }
const REQUEST = { epoch_id: 4, domain_id: 1, attempt_id: 3 }
const signal = new AbortController().signal
const ASK = { signal, timeoutMs: 5_000 }

test('whole key generation - should leave no secret in the log and none of its files open to others', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', level: 'trace', stream: { write: (line: string) => void lines.push(line) } })
  const { machines, contract } = await startNetwork(t, ACCOUNTS, 2, log)
  contract.addDomains(2)
  await eventually('the keys', () => contract.keys.length === 2 || undefined)
  const secrets: string[] = []
  for (const { home } of machines) {
    const signed = await eventually('a signature', () => signMessage(home, 1n, Buffer.from('m')))
    t.true(ed25519.verify(signed.signature, Buffer.from('m'), parseEd25519Key(signed.publicKey)))
    const files = [
      await readFile(join(home, 'identity.json'), 'utf8'),
      await readFile(join(home, 'shares', 'permanent.json'), 'utf8'),
    ]
    secrets.push(
      ...files.flatMap((text) =>
        [...text.matchAll(/"(?:tls_seed|signer_seed|private_share)":"([0-9a-f]{64})"/g)].map((found) => found[1] ?? ''),
      ),
    )
    t.deepEqual(await readdir(join(home, 'shares', 'temporary')), [])
    t.deepEqual(await readdir(join(home, 'shares', 'started')), [])
  }
  t.is(new Set(secrets).size, 12)
  const status = JSON.stringify(await nodeStatus(machines[0]?.home ?? ''), (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  for (const secret of secrets) t.false(`${lines.join('')}${status}`.includes(secret))
})

test('node that votes another key - should only cost an attempt', async (t) => {
  const { contract, machines } = await startNetwork(t, ACCOUNTS, 2)
  let lies = 1
  contract.tamper = (account, method, args) => {
    if (account === 'b.near' && method === 'vote_pk' && lies-- > 0) args['commitments'] = ['00', '11']
  }
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  t.is(contract.keys[0]?.attempt, 1)
  t.truthy(await eventually('a signature', () => signMessage(machines[1]?.home ?? '', 0n, Buffer.from('m'))))
})

test('lost vote - should be sent again', async (t) => {
  const { contract } = await startNetwork(t, ACCOUNTS, 2)
  contract.failures.push('vote_pk')
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  t.is(contract.keys[0]?.attempt, 0)
})

test('attempt that expires - should be followed by another', async (t) => {
  const { contract } = await startNetwork(t, ACCOUNTS, 2)
  contract.tamper = (_account, method, args) => {
    if (method === 'vote_pk' && JSON.stringify(args).includes('"attempt_id":0'))
      throw new Error('the call never arrives')
  }
  contract.expiryBlocks = 3
  contract.addDomains(1)
  await eventually('an attempt', () => contract.generating?.instance)
  contract.expiryBlocks = 1_000
  await eventually('the key', () => {
    contract.tick()
    return contract.keys.length === 1 || undefined
  })
  t.true((contract.keys[0]?.attempt ?? 0) >= 1)
})

test('restart after an attempt began and before its share was stored - should abort it, not begin it again', async (t) => {
  const { contract, machines, nodes } = await startNetwork(t, ACCOUNTS, 2)
  const [, b] = machines
  await nodes[1]?.stop()
  if (b === undefined) throw new TypeError('no machine')
  const started = join(b.home, 'shares', 'started')
  await mkdir(started, { recursive: true })
  await writeFile(join(started, '0_0_0'), '')
  const again = startNode(b, contract)
  t.teardown(async () => void (await again.stop()))
  contract.addDomains(1)
  await eventually('the key', () => contract.keys.length === 1 || undefined)
  t.is(contract.keys[0]?.attempt, 1)
  t.true(
    contract.calls.some(({ account, method }) => account === 'b.near' && method === 'vote_abort_key_event_instance'),
  )
})

type Party = { node: MeshNode; sessions: KeygenSessions; session: KeygenSession; broadcast: Broadcast; echoes: Echoes }

/** Participants of the attempt over real sockets; `lies` replace what one of them answers. */
async function parties(
  t: { teardown(fn: () => void): void },
  count: number,
  lies: { [id: number]: (own: Omit<Party, 'node' | 'session'>) => [string, HandleRequest][] } = {},
): Promise<Party[]> {
  const made = await Promise.all(Array.from({ length: count }, (_, id) => openParty(id, lies[id])))
  t.teardown(() => made.forEach(({ node }) => node.close()))
  joinNodes(
    made.map(({ node }) => node),
    [],
    2,
  )
  await eventually(
    'all connections',
    () => made.every(({ node }) => node.mesh.connected().length === count - 1) || undefined,
  )
  return made.map((party, id) => ({ ...party, session: party.sessions.begin(ATTEMPT, id, { min: 2, max: count }) }))
}

async function openParty(
  id: number,
  lie: ((own: Omit<Party, 'node' | 'session'>) => [string, HandleRequest][]) | undefined,
): Promise<Omit<Party, 'session'>> {
  const own: { parts?: Omit<Party, 'node' | 'session'> } = {}
  const node = await openMeshNode(id, {
    handlers(identity) {
      const broadcast = createBroadcast('holdfast.near', identity)
      const parts = { broadcast, sessions: createKeygenSessions(broadcast), echoes: createEchoes(broadcast) }
      own.parts = parts
      return [...parts.sessions.handlers(), ...parts.echoes.handlers(), ...(lie?.(parts) ?? [])]
    },
  })
  if (own.parts === undefined) throw new TypeError('no handlers were asked for')
  return { node, ...own.parts }
}

function generate({ node, session, broadcast, echoes }: Party, all: Party[]) {
  const self = node.participant
  const others = all.map((party) => party.node.participant).filter((p) => p !== self)
  const echo = echoes.begin(ATTEMPT, signal)
  return generateKey(
    { attempt: ATTEMPT, self, others, threshold: 2 },
    { session, echo, broadcast, mesh: meshForAttempt(node.mesh) },
    signal,
  )
}

/** How everybody's attempt ended; an honest one must not have made a share. */
async function failures(t: ExecutionContext, all: Party[]): Promise<(KeyEventFailure | undefined)[]> {
  const ends = await Promise.allSettled(all.map((party) => generate(party, all)))
  return ends.map((end) => {
    if (end.status === 'fulfilled') return undefined
    t.true(end.reason instanceof KeyEventFailure, String(end.reason))
    return end.reason as KeyEventFailure
  })
}

test('second round - should give each peer the package for itself alone', async (t) => {
  const all = await parties(t, 3)
  const shares = await Promise.all(all.map((party) => generate(party, all)))
  t.is(new Set(shares.map(({ key }) => key)).size, 1)
  t.is(new Set(shares.map(({ commitments }) => commitments?.join())).size, 1)
  const [a, b, c] = all as [Party, Party, Party]
  const forB = await b.node.mesh.ask(0, KEYGEN_ROUND2, REQUEST, ASK)
  const forC = await c.node.mesh.ask(0, KEYGEN_ROUND2, REQUEST, ASK)
  t.notDeepEqual(forB, forC)
  a.sessions.end(a.session)
  const late = b.node.mesh.ask(0, KEYGEN_ROUND2, REQUEST, { ...ASK, timeoutMs: 300 })
  await t.throwsAsync(late, { code: 'PEER_TIMEOUT' })
})

test('peer with a false proof of knowledge - should be named by everybody', async (t) => {
  const all = await parties(t, 3)
  const b = all[1]!
  const stolen = ed25519_FROST.DKG.round1(identifierOf(1), { min: 2, max: 3 }).public.proofOfKnowledge
  b.session.round1.public.proofOfKnowledge.set(stolen)
  b.session.signed = b.broadcast.signed(ATTEMPT, 1, publicParts(b.session.round1.public))
  const [a, , c] = await failures(t, all)
  for (const failure of [a, c]) {
    t.regex(failure?.message ?? '', /node1\.near gave a false proof of knowledge/)
    t.is(failure?.accountId, 'node1.near')
  }
})

for (const [title, spoil, fault] of [
  ['too few commitments', (commitment: Uint8Array[]) => void commitment.pop(), /gave 1 commitments, expected 2/],
  [
    'a commitment of small order',
    (commitment: Uint8Array[]) =>
      void commitment.splice(
        1,
        1,
        Uint8Array.from({ length: 32 }, () => 0),
      ),
    /gave a commitment that is no element of the group/,
  ],
] as const) {
  test(`peer with ${title} - should be named`, async (t) => {
    const all = await parties(t, 2)
    const b = all[1]!
    spoil(b.session.round1.public.commitment)
    b.session.signed = b.broadcast.signed(ATTEMPT, 1, publicParts(b.session.round1.public))
    const [a] = await failures(t, all)
    t.regex(a?.message ?? '', fault)
    t.is(a?.accountId, 'node1.near')
  })
}

test('package that its sender did not sign - should be refused by the name of the sender', async (t) => {
  const all = await parties(t, 2)
  all[1]!.session.signed = all[1]!.broadcast.signed(
    { ...ATTEMPT, attemptId: 2n },
    1,
    publicParts(all[1]!.session.round1.public),
  )
  const [a] = await failures(t, all)
  t.regex(a?.message ?? '', /node1\.near: its package is not signed/)
  t.is(a?.accountId, 'node1.near')
})

test('peer that gives two packages - should be named by everybody before a secret is sent', async (t) => {
  const other = { made: undefined as KeygenSession | undefined }
  const all = await parties(t, 4, {
    3: ({ sessions, broadcast }) => {
      const twofaced = new Map(sessions.handlers()).get(KEYGEN_ROUND1)!
      const second = createKeygenSessions(broadcast)
      other.made = second.begin(ATTEMPT, 3, { min: 2, max: 4 })
      const hidden = new Map(second.handlers()).get(KEYGEN_ROUND1)!
      return [[KEYGEN_ROUND1, (guest, body) => (guest.peer.participantId === 1 ? hidden : twofaced)(guest, body)]]
    },
  })
  const honest = all.slice(0, 3)
  const ends = await failures(t, all)
  for (const [id, failure] of ends.slice(0, 3).entries()) {
    t.is(failure?.accountId, 'node3.near', `as node${id} sees it: ${failure?.message}`)
    t.regex(failure?.message ?? '', /signed one package for this node and another for node\d\.near/)
  }
  const none = Promise.resolve('none')
  for (const { session } of honest)
    t.is(await Promise.race([session.round2.promise, none]), 'none', 'no secret has left')
})

test('peer that claims another was two-faced - should be named itself', async (t) => {
  const all = await parties(t, 3, {
    2: ({ broadcast }) => [
      [
        ECHO,
        () => ({
          heard: [0, 1, 2].map((id) => ({ participant_id: id, ...broadcast.signed(ATTEMPT, id, ['00']) })),
        }),
      ],
    ],
  })
  const [a, b] = await failures(t, all)
  for (const failure of [a, b]) {
    t.is(failure?.accountId, 'node2.near', failure?.message)
    t.regex(
      failure?.message ?? '',
      /node2\.near claims to have got a package of node\d\.near that node\d\.near did not sign/,
    )
  }
})

test('peer that does not say what it got - should be named', async (t) => {
  const all = await parties(t, 2, { 1: () => [[ECHO, () => ({ heard: [] })]] })
  const [a] = await failures(t, all)
  t.is(a?.accountId, 'node1.near')
  t.regex(a?.message ?? '', /leaves out what it got/)
})

test('peer with a share off its own polynomial - should fail the attempt by name', async (t) => {
  const all = await parties(t, 2)
  const wrong = {
    identifier: identifierOf(1),
    signingShare: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 7 : 0)),
  }
  all[1]!.session.round2.resolve({ [identifierOf(0)]: wrong })
  const [a] = await failures(t, all)
  t.regex(a?.message ?? '', /shares of node1\.near do not fit their commitments/)
  t.is(a?.accountId, 'node1.near')
})

test('peer that gives up while it is asked - should not be blamed for it', async (t) => {
  const all: Party[] = await parties(t, 2, {
    1: ({ sessions }) => {
      const own = new Map(sessions.handlers()).get(KEYGEN_ROUND2)!
      return [
        [
          KEYGEN_ROUND2,
          (guest, body) => {
            const answer = own(guest, body)
            setImmediate(() => sessions.end(all[1]!.session))
            return answer
          },
        ],
      ]
    },
  })
  const b = all[1]!
  const first = await b.node.mesh.ask(0, KEYGEN_ROUND1, REQUEST, ASK)
  const { signature } = first as { signature: string }
  const heard = new Map([
    [0, { digest: digestOf(publicParts(all[0]!.session.round1.public)), signature }],
    [1, b.session.signed],
  ])
  b.echoes.begin(ATTEMPT, signal).tell(heard)
  const late = await t.throwsAsync<KeyEventFailure>(generate(all[0]!, all), {
    message: /node1\.near has given the attempt up/,
  })
  t.is(late?.accountId, undefined)
})

test('request for another attempt - should wait for it and then be answered', async (t) => {
  const [a, b] = (await parties(t, 2)) as [Party, Party]
  const asked = a.node.mesh.ask(1, KEYGEN_ROUND1, { ...REQUEST, attempt_id: 4 }, ASK)
  b.sessions.begin({ ...ATTEMPT, attemptId: 4n }, 1, { min: 2, max: 2 })
  t.truthy(await asked)
})

test('request for another attempt - should end with the connection that asked', async (t) => {
  const sessions = createAttemptSessions<string>()
  const ended = new AbortController()
  const asked = sessions.asked({ ...REQUEST, attempt_id: 4 }, ended.signal)
  ended.abort(new Error('the connection has ended'))
  await t.throwsAsync(asked, { message: 'the connection has ended' })
  const again = sessions.asked({ ...REQUEST, attempt_id: 4 }, signal)
  sessions.begin({ ...ATTEMPT, attemptId: 4n }, 'what is given')
  t.is(await again, 'what is given')
})

test('package of a wrong shape - should fail the attempt by the name of the peer', async (t) => {
  const all = await parties(t, 2, { 1: () => [[KEYGEN_ROUND1, () => ({ commitment: ['zz'] })]] })
  await t.throwsAsync(generate(all[0]!, all), { code: 'KEY_EVENT_FAILED', message: /node1\.near/ })
})
