import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'
import { createLogger } from '@holdfast/protocol/log.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { generateKey } from '../src/keygen/generate-key.ts'
import { KEYGEN_ROUND1, KEYGEN_ROUND2 } from '../src/keygen/messages.ts'
import { createKeygenSessions, type KeygenSession, type KeygenSessions } from '../src/keygen/sessions.ts'
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

type Party = { node: MeshNode; sessions: KeygenSessions; session: KeygenSession }

async function parties(t: { teardown(fn: () => void): void }, count: number): Promise<Party[]> {
  const made = await Promise.all(
    Array.from({ length: count }, async (_, id) => {
      const sessions = createKeygenSessions()
      return { node: await openMeshNode(id, { handlers: sessions.handlers() }), sessions, id }
    }),
  )
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
  return made.map(({ node, sessions, id }) => ({
    node,
    sessions,
    session: sessions.begin(ATTEMPT, identifierOf(id), { min: 2, max: count }),
  }))
}

function generate({ node, session }: Party, all: Party[]) {
  const others = all.map((party) => party.node.participant).filter((p) => p !== node.participant)
  return generateKey(
    { attempt: ATTEMPT, self: node.participant.participantId, others, threshold: 2 },
    session,
    node.mesh,
    signal,
  )
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

test('peer with a false proof of knowledge - should fail the attempt', async (t) => {
  const all = await parties(t, 3)
  const [a, b] = all as [Party, Party, Party]
  b.session.round1.public.proofOfKnowledge.set(
    ed25519_FROST.DKG.round1(identifierOf(1), { min: 2, max: 3 }).public.proofOfKnowledge,
  )
  await t.throwsAsync(generate(a, all), { code: 'KEY_EVENT_FAILED', message: /proof of knowledge/ })
})

test('peer with a share off its own polynomial - should fail the attempt by name', async (t) => {
  const all = await parties(t, 2)
  const [a, b] = all as [Party, Party]
  const wrong = {
    identifier: identifierOf(1),
    signingShare: Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 7 : 0)),
  }
  b.session.round2.resolve({ [identifierOf(0)]: wrong })
  await t.throwsAsync(generate(a, all), {
    code: 'KEY_EVENT_FAILED',
    message: /shares of node1\.near do not fit their commitments/,
  })
})

test('request for another attempt - should wait for it and then be answered', async (t) => {
  const [a, b] = (await parties(t, 2)) as [Party, Party]
  const asked = a.node.mesh.ask(1, KEYGEN_ROUND1, { ...REQUEST, attempt_id: 4 }, ASK)
  b.sessions.begin({ ...ATTEMPT, attemptId: 4n }, identifierOf(1), { min: 2, max: 2 })
  t.truthy(await asked)
})

test('package of a wrong shape - should fail the attempt by the name of the peer', async (t) => {
  const a = await openMeshNode(0)
  const b = await openMeshNode(1, { handlers: [[KEYGEN_ROUND1, () => ({ commitment: ['zz'] })]] })
  t.teardown(() => [a, b].forEach((node) => node.close()))
  joinNodes([a, b], [], 2)
  await eventually('the connection', () => a.mesh.connected().length === 1 || undefined)
  const sessions = createKeygenSessions()
  const session = sessions.begin(ATTEMPT, identifierOf(0), { min: 2, max: 2 })
  const party = { node: a, sessions, session }
  await t.throwsAsync(generate(party, [party, { ...party, node: b }]), {
    code: 'KEY_EVENT_FAILED',
    message: /node1\.near/,
  })
})
