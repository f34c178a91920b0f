import test from 'ava'
import fc from 'fast-check'
import { ed25519 } from '@noble/curves/ed25519.js'
import { signMessage, nodeStatus } from '../src/control-client.ts'
import type { NodeConfig } from '../src/config/config.ts'
import { decideWay, type WayFacts } from '../src/repair/decide-way.ts'
import { repairHandlers } from '../src/repair/help-repair.ts'
import { REPAIR_PIECE, REPAIR_SUM } from '../src/repair/messages.ts'
import { repairShare } from '../src/repair/repair-share.ts'
import { addScalars, split, splitFault, sumFault } from '../src/repair/splitting.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { holding, joinNodes, openMeshNode, type MeshNode } from './support/mesh-node.ts'
import { eventually, makeMachine, removeMachines, startNetwork, startNode } from './support/network.ts'
import { keyForDomain, knownKey, shareOf } from './support/shares.ts'

const KEY = knownKey(0, { coefficients: [11n ** 50n, 13n ** 50n, 17n ** 50n] })
const COMMITMENTS = keyForDomain(KEY).commitments ?? []

test('repair - should give the lost share to any participant, from any helpers', (t) => {
  const cases = fc.record({
    helpers: fc
      .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 })
      .map((ids) => ids.sort((a, b) => a - b)),
    lost: fc.integer({ min: 41, max: 60 }),
  })
  fc.assert(
    fc.property(cases, (repair) => {
      const splits = repair.helpers.map((id) => split(shareOf(KEY, id).privateShare, id, repair))
      const sums = repair.helpers.map((_, j) => addScalars(splits.map(({ pieces }) => pieces[j]!)))
      for (const [i, { points }] of splits.entries()) {
        t.is(splitFault(points, repair.helpers[i]!, repair, COMMITMENTS), undefined)
      }
      for (const [j, sum] of sums.entries()) {
        t.is(sumFault(sum, splits.map(({ points }) => points[j]!)), undefined) // prettier-ignore
      }
      t.deepEqual(addScalars(sums), Uint8Array.from(shareOf(KEY, repair.lost).privateShare))
    }),
    { numRuns: 15 },
  )
})

const REPAIR = { helpers: [0, 1, 2], lost: 4 }

test('split - should be of the own share, for these helpers and this participant', (t) => {
  const points = (id: number, repair = REPAIR) => split(shareOf(KEY, id).privateShare, id, repair).points
  t.is(splitFault(points(1), 1, REPAIR, COMMITMENTS), undefined)
  t.regex(splitFault(points(2), 1, REPAIR, COMMITMENTS) ?? '', /something else/)
  t.regex(splitFault(points(1, { helpers: [0, 1, 3], lost: 4 }), 1, REPAIR, COMMITMENTS) ?? '', /something else/)
  t.regex(splitFault(points(1, { helpers: [0, 1, 2], lost: 5 }), 1, REPAIR, COMMITMENTS) ?? '', /something else/)
  t.regex(splitFault(points(1).slice(1), 1, REPAIR, COMMITMENTS) ?? '', /2 pieces, expected 3/)
  t.regex(splitFault(['ff'.repeat(32), ...points(1).slice(1)], 1, REPAIR, COMMITMENTS) ?? '', /no element/)
})

test('split - should be new each time', (t) => {
  const share = shareOf(KEY, 1).privateShare
  t.notDeepEqual(split(share, 1, REPAIR).points, split(share, 1, REPAIR).points)
})

test('sum - should fit its pieces', (t) => {
  const { pieces, points } = split(shareOf(KEY, 1).privateShare, 1, REPAIR)
  t.is(sumFault(pieces[0]!, [points[0]!]), undefined)
  t.truthy(sumFault(pieces[1]!, [points[0]!]))
  t.truthy(sumFault(new Uint8Array(32), [points[0]!]))
  t.truthy(sumFault(new Uint8Array(32).fill(255), [points[0]!]))
})

const FACTS: WayFacts = {
  choice: 'either',
  hasBackupService: true,
  waitedMs: 0,
  patienceMs: 60_000,
  needed: { helpers: 2 },
  helpers: ['a.near', 'b.near', 'c.near'],
  connected: new Set(['a.near', 'b.near']),
}
for (const [title, changes, kind] of [
  ['a registered backup service', {}, 'backup'],
  ['a backup service that does not come', { waitedMs: 60_000 }, 'peers'],
  ['no backup service', { hasBackupService: false }, 'peers'],
  ['no backup service and too few others', { hasBackupService: false, connected: new Set(['c.near']) }, 'waitForPeers'],
  ['peers wanted', { choice: 'peers' }, 'peers'],
  ['the backup service wanted, and late', { choice: 'backup', waitedMs: 1e9 }, 'backup'],
  ['a key that cannot be repaired', { choice: 'peers', needed: { unrepairable: 'BLS' } }, 'backup'],
] as const) {
  test(`way of a recovering node, ${title} - should be ${kind}`, (t) => {
    t.is(decideWay({ ...FACTS, ...changes }).kind, kind)
  })
}

const ASK = { signal: new AbortController().signal, timeoutMs: 5_000 }

/** Nodes 0 to 2 hold the key, node 3 recovers, node 4 takes part and does not help. */
async function helpers(t: { teardown(fn: () => void): void }): Promise<MeshNode[]> {
  const nodes: MeshNode[] = []
  for (const id of [0, 1, 2, 3, 4]) {
    const situation = { phase: () => nodes[id]!.phase! }
    const store = {
      ...holding([]),
      held: (...args: Parameters<ReturnType<typeof holding>['held']>) => holding(nodes[id]!.shares).held(...args),
    }
    const handlers = repairHandlers({ situation, shares: store, mesh: () => nodes[id]!.mesh })
    nodes.push(await openMeshNode(id, { handlers }))
  }
  t.teardown(() => nodes.forEach((node) => node.close()))
  joinNodes(nodes, [KEY], 3)
  const lost = nodes[3]!.participant
  for (const node of nodes) {
    if (node.phase?.kind !== 'participating') throw new TypeError('no participation')
    const active = node.phase.active.filter(({ participantId }) => participantId !== 3)
    node.phase = { ...node.phase, active, recovering: [lost.accountId], recoveringNodes: [lost] }
  }
  await eventually('all connections', () => nodes.every(({ mesh }) => mesh.connected().length === 4) || undefined)
  return nodes
}

const live = { epochId: KEY.epoch, domain: keyForDomain(KEY) }
const request = { session: '01'.repeat(16), epoch_id: 4, domain_id: 0, attempt_id: 0, helpers: [0, 1, 2], lost: 3 }

test('recovering node - should get its share from the others', async (t) => {
  const nodes = await helpers(t)
  const asked = nodes.slice(0, 3).map(({ participant }) => participant)
  const share = await repairShare(live, 3, asked, nodes[3]!.mesh, ASK.signal)
  t.deepEqual(share.privateShare, Uint8Array.from(shareOf(KEY, 3).privateShare))
})

const REFUSED: [string, number, Json, RegExp][] = [
  ['somebody who does not recover', 4, request, /node4\.near does not recover/],
  ['the share of somebody else', 3, { ...request, lost: 4 }, /node3\.near does not recover as participant 4/],
  ['too few helpers', 3, { ...request, helpers: [0, 1] }, /are not 3 distinct active/],
  ['a helper that recovers', 3, { ...request, helpers: [0, 1, 3] }, /are not 3 distinct active/],
  ['the same helper twice', 3, { ...request, helpers: [0, 0, 1] }, /are not 3 distinct active/],
  ['helpers without the one that is asked', 3, { ...request, helpers: [1, 2, 4] }, /not among the helpers/],
  ['a superseded attempt', 3, { ...request, attempt_id: 1 }, /another epoch or attempt/],
]
for (const [what, from, body, refusal] of REFUSED) {
  test(`repair for ${what} - should be refused`, async (t) => {
    const nodes = await helpers(t)
    await t.throwsAsync(nodes[from]!.mesh.ask(0, REPAIR_SUM, body, ASK), { message: refusal })
  })
}

test('piece - should go to its helper alone, and be the same for the same try', async (t) => {
  const nodes = await helpers(t)
  const ask = (from: number) => nodes[from]!.mesh.ask(0, REPAIR_PIECE, request, ASK) as Promise<{ piece: string }>
  const one = await ask(1)
  t.deepEqual(await ask(1), one)
  t.not((await ask(2)).piece, one.piece)
  await t.throwsAsync(ask(4), { message: /node4\.near does not help/ })
  await t.throwsAsync(ask(3), { message: /node3\.near does not help/ })
})

test('piece for the share of somebody who does not recover - should be refused to helpers too', async (t) => {
  const nodes = await helpers(t)
  const body = { ...request, lost: 4 }
  await t.throwsAsync(nodes[1]!.mesh.ask(0, REPAIR_PIECE, body, ASK), { message: /participant 4 does not recover/ })
})

test('helper with a false share - should be named', async (t) => {
  const nodes = await helpers(t)
  const wrong = { ...nodes[1]!.shares[0]!, share: { ...shareOf(KEY, 9), publicKey: shareOf(KEY, 1).publicKey } }
  nodes[1]!.shares.splice(0, 1, wrong)
  const asked = nodes.slice(0, 3).map(({ participant }) => participant)
  await t.throwsAsync(repairShare(live, 3, asked, nodes[3]!.mesh, ASK.signal), {
    code: 'REPAIR_FAILED',
    message: /node1\.near|participant 1 gave pieces of something else/,
  })
})

test('lost node without a backup - should be repaired by the others, conclude and sign', async (t) => {
  const accounts = ['a.near', 'b.near', 'c.near', 'd.near']
  const { contract, machines, nodes } = await startNetwork(t, accounts, 2)
  contract.addDomains(2)
  await eventually('the keys', () => contract.keys.length === 2 || undefined)
  const groupKey = contract.keys[1]?.key ?? ''
  await nodes[3]?.stop()
  const config: Partial<NodeConfig> = { shares_from: 'either' }
  const fresh = await makeMachine('d.near', config)
  contract.authorize('d.near', fresh.keys.tlsPublicKey, fresh.keys.signerPublicKey)
  const node = startNode(fresh, contract)
  t.teardown(async () => {
    await node.stop()
    await removeMachines([fresh])
  })
  const signed = await eventually('a signature', () => signMessage(fresh.home, 1n, Buffer.from('repaired')))
  t.is(signed.publicKey, groupKey)
  t.true(ed25519.verify(signed.signature, Buffer.from('repaired'), parseEd25519Key(groupKey)))
  t.is((await nodeStatus(fresh.home))['phase'], 'participating')
  t.is(contract.recovering.size, 0)
  t.is(machines.length, 4)
})
