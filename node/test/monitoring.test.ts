import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { createLogger } from '@holdfast/protocol/log.ts'
import { signMessage } from '../src/control-client.ts'
import { createCounts } from '../src/monitoring/counts.ts'
import { METRICS } from '../src/monitoring/metric-table.ts'
import { sideOfMove } from '../src/monitoring/move-side.ts'
import { peerStates } from '../src/monitoring/peer-states.ts'
import { readiness } from '../src/monitoring/readiness.ts'
import { samplesOf, type NodeFacts } from '../src/monitoring/samples.ts'
import { newIdentity } from './support/backup-client.ts'
import { participating } from './support/mesh-node.ts'
import { contractFor, eventually, makeMachine, removeMachines, startNode } from './support/network.ts'
import { knownKey, keysetOf } from './support/shares.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')
const people = [0, 1, 2].map((participantId) => ({
  accountId: `node${participantId}.near`,
  participantId,
  info: { url: 'http://127.0.0.1:1', tls_public_key: newIdentity().publicKeyText, incarnation: 0n },
}))
const [self] = people
const keyset = keysetOf([knownKey(0), knownKey(1)])
const phase = participating(self!, people, keyset, 2)
if (phase.kind !== 'participating') throw new Error('the test needs a node that takes part')

const facts: NodeFacts = {
  accountId: 'node0.near',
  contractId: 'mpc.near',
  ticking: true,
  phase: 'participating',
  plannedMove: 'from',
  view: { height: 5n, timestampMs: NOW - 2_000 },
  readiness: { view_fresh: true, participates: true, shares_held: true, enough_peers: false },
  part: { epochId: 3n, liveKeys: 2, heldKeys: 1, participantsRevision: 4n, peers: [['node1.near', 'away']] },
  traffic: { received: 10, sent: 20 },
  counts: createCounts().read(),
}
const process = { startedMs: NOW - 1_000, residentBytes: 80e6, cpuSeconds: 1.5 }

test('metrics - should use every name of the table, and each with its labels', (t) => {
  const samples = samplesOf(facts, process, NOW)
  for (const [name, { labels }] of Object.entries(METRICS)) {
    const own = samples.filter((sample) => sample.name === name)
    t.true(own.length > 0, name)
    for (const sample of own) t.deepEqual(Object.keys(sample.labels).toSorted(), [...labels].toSorted(), name)
  }
  t.is(samples.find(({ name }) => name === 'holdfast_node_view_age_seconds')?.value, 2)
})

test('metrics - should leave out what is not known, and never say it is 0', (t) => {
  const names = new Set(samplesOf({ ...facts, view: undefined, part: undefined }, process, NOW).map(({ name }) => name))
  for (const name of ['view_age_seconds', 'view_block_height', 'live_epoch', 'held_keys', 'peer_state'])
    t.false(names.has(`holdfast_node_${name}` as keyof typeof METRICS), name)
})

test('peers - should be in one state each, this node in none', (t) => {
  const states = (recovering: string[], connected: string[], leftOut: string[]) =>
    peerStates({ ...phase, recovering }, new Set(connected), new Set(leftOut)).map(([, state]) => state)
  t.deepEqual(states([], ['node1.near'], ['node2.near']), ['connected', 'left_out'])
  // A recovering node's new machine is connected, and signs nothing.
  t.deepEqual(states(['node1.near'], ['node1.near'], []), ['recovering', 'away'])
})

test('planned move - should be counted on its own side, and a recovery on none', (t) => {
  t.is(sideOfMove({ ...phase, successor: { url: 'http://n:1', tls_public_key: self!.info.tls_public_key } }), 'from')
  t.is(sideOfMove(phase), undefined)
  const waiting = { kind: 'awaitingShares', participantId: 0, keyset, hasBackupService: true } as const
  t.is(sideOfMove({ ...waiting, claim: 'migration' }), 'to')
  t.is(sideOfMove({ ...waiting, claim: 'recovery', requestedAt: 0n, helpers: [] }), undefined)
  t.is(sideOfMove({ kind: 'waitingForRunning', claim: 'migration', state: 'Resharing' }), 'to')
  t.is(sideOfMove({ kind: 'waitingForRunning', claim: 'recovery', state: 'Resharing' }), undefined)
  const of = (plannedMove: NodeFacts['plannedMove']) =>
    samplesOf({ ...facts, plannedMove }, process, NOW)
      .filter(({ name }) => name === 'holdfast_node_planned_move')
      .map(({ labels, value }) => [labels['side'], value])
  t.deepEqual(of('to'), [
    ['from', 0],
    ['to', 1],
  ])
  t.deepEqual(of(undefined), [
    ['from', 0],
    ['to', 0],
  ])
})

test('readiness - should need a fresh view, a part, every share, and signers enough for every threshold', (t) => {
  const well = { view_fresh: true, participates: true, shares_held: true, enough_peers: true }
  t.deepEqual(readiness(true, phase, 2, 1), well)
  t.deepEqual(readiness(false, phase, 2, 1), { ...well, view_fresh: false })
  t.deepEqual(readiness(true, phase, 2, 0), { ...well, enough_peers: false })
  t.deepEqual(readiness(true, phase, 1, 1), { ...well, shares_held: false, enough_peers: false })
  t.deepEqual(readiness(true, phase, 1, 2), { ...well, shares_held: false })
  t.deepEqual(readiness(true, undefined, 0, 2), {
    view_fresh: true,
    participates: false,
    shares_held: false,
    enough_peers: false,
  })
  const [first, second] = phase.domains
  const uneven = { ...phase, domains: [first!, { ...second!, reconstruction_threshold: 3 }] }
  t.false(readiness(true, uneven, 2, 1).enough_peers, 'the highest threshold counts')
  t.true(readiness(true, uneven, 2, 2).enough_peers)
  const unborn = { ...uneven, keyset: keysetOf([knownKey(0)]) }
  t.true(readiness(true, unborn, 1, 1).enough_peers, 'a key that is not there yet signs nothing')
})

test('node - should count what it does, say whether it is ready, and let no secret out', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'test', stream: { write: (line: string) => void lines.push(line) } })
  const machines = [
    await makeMachine('a.near', { monitoring: { port: 0 } }),
    await makeMachine('b.near'),
    await makeMachine('c.near'),
  ]
  const [watched] = machines
  const contract = contractFor(machines, 2)
  const [node, ...others] = machines.map((machine, n) => startNode(machine, contract, n === 0 ? log : undefined))
  t.teardown(async () => {
    await Promise.all([node, ...others].map((each) => each?.stop()))
    await removeMachines(machines)
  })
  const port = await eventually('the listener', () => {
    const line = lines.find((each) => each.includes('monitoring is served'))
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port
  })
  const pages: string[] = []
  const get = async (path: string): Promise<[number, string]> => {
    const found = await fetch(`http://127.0.0.1:${port}${path}`)
    const text = await found.text()
    pages.push(text)
    if (found.status !== 429) return [found.status, text]
    await delay(250)
    return get(path)
  }
  contract.addDomains(1)
  await eventually('readiness', async () => {
    const [status, text] = await get('/readyz')
    return (status === 200 && text.includes('"ready":true')) || undefined
  })
  await eventually('key generation', () => contract.keys.length === 1 || undefined)
  const message = Buffer.from('SENTINEL of a message')
  await eventually('a signature', () => signMessage(watched!.home, 0n, message))
  // Two of three sign: asked often enough, both others have had this node's share.
  await eventually('a share for another', async () => {
    await signMessage(machines[1]!.home, 0n, message)
    return /signature_shares_total\{result="given"\} [1-9]/.test((await get('/metrics'))[1]) || undefined
  })
  await t.throwsAsync(signMessage(watched!.home, 7n, message), { code: 'UNKNOWN_DOMAIN' })
  const [, metrics] = await get('/metrics')
  for (const line of [
    /^holdfast_node_info\{account_id="a.near",contract_id="holdfast.near"\} 1$/m,
    /^holdfast_node_phase\{phase="participating"\} 1$/m,
    /^holdfast_node_loop_ticking 1$/m,
    /^holdfast_node_live_keys 1$/m,
    /^holdfast_node_held_keys 1$/m,
    /^holdfast_node_peer_state\{peer="b.near",state="connected"\} 1$/m,
    /^holdfast_node_signatures_total\{result="made"\} [1-9]/m,
    /^holdfast_node_signatures_total\{result="failed"\} [1-9]/m,
    /^holdfast_node_signing_seconds_total 0\.\d*[1-9]/m,
    /^holdfast_node_key_event_attempts_total\{kind="generate",result="stored"\} 1$/m,
    /^holdfast_node_mesh_bytes_total\{direction="sent"\} [1-9]\d{2}/m,
    /^holdfast_node_keyshare_requests_total\{request="get",result="answered"\} 0$/m,
  ])
    t.regex(metrics, line)
  t.is((await get('/healthz'))[0], 200)
  for (const other of others) await other.stop()
  await eventually('the loss of the others', async () => {
    const [status, text] = await get('/readyz')
    return (status === 503 && text.includes('"shares_held":true,"enough_peers":false')) || undefined
  })
  t.regex((await get('/metrics'))[1], /^holdfast_node_peer_state\{peer="b.near",state="away"\} 1$/m)

  const shares = join(watched!.home, 'shares')
  const files = (await readdir(shares)).filter((name) => name.endsWith('.json')).map((name) => join(shares, name))
  const texts = await Promise.all(
    [join(watched!.home, 'identity.json'), ...files].map((file) => readFile(file, 'utf8')),
  )
  const secrets = texts.flatMap((text) => [...text.matchAll(/"(?:[a-z_]*seed[a-z_]*|private_share)": ?"([^"]+)"/g)])
  t.true(secrets.length >= 3, 'two seeds and a share')
  const everything = pages.join('\n')
  for (const [, secret = ''] of secrets) t.false(everything.includes(secret))
  t.false(everything.includes('SENTINEL') || everything.includes(message.toString('hex')))
})
