import test from 'ava'
import type { Repository } from '../src/repository/repository.ts'
import type { LiveView } from '../src/repository/retention.ts'
import { Keeper, liveViewOf, type KeeperSettings } from '../src/keeper.ts'
import { dealKeyset, type DealtKeyset } from './support/dealt-keyset.ts'
import { putFormat1 } from './support/format-1.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { MemoryPlace } from './support/memory-place.ts'
import { bothPlaces, ORDER, repositoryOn } from './support/repository.ts'
import { receivedOf, slotFor, small } from './support/stored.ts'
import { ALICE, runningJson, viewOf } from './support/views.ts'

const { older, live } = small
const never = new AbortController().signal
const GRACE_MS = 1_000
const later = dealKeyset({ epochId: 6n, domains: ['Ed25519'], threshold: 2 })
const otherAttempt = dealKeyset({ attempt: 1n, domains: ['Ed25519'], threshold: 2 })
const [first] = live.keyset.domains
if (first === undefined) throw new TypeError('a keyset has a domain')
/** The live keyset before its second key was made: it holds one of the live shares. */
const grown = dealKeyset({ domains: ['Ed25519', 'Ed25519'], threshold: 2 })
const smaller: DealtKeyset = {
  ...grown,
  keyset: { ...grown.keyset, domains: grown.keyset.domains.slice(0, 1) },
  sharesOf: (id) => grown.sharesOf(id).slice(0, 1),
}

const viewAt = (
  blockTimeMs: number,
  { keyset }: DealtKeyset = live,
  participantId: number | undefined = 0,
): LiveView => ({
  keyset,
  participantId,
  blockHeight: BigInt(blockTimeMs),
  blockTimeMs,
})
const open = (files: MemoryFiles): Repository => repositoryOn(files, { places: bothPlaces(files) })

async function holding(...dealt: DealtKeyset[]): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  for (const one of dealt) await open(files).store(receivedOf(one), never)
  return files
}

async function heldIn(files: MemoryFiles): Promise<string[]> {
  return (await open(files).contents()).snapshots.map(({ slot }) => slot).toSorted()
}

const slots = (...dealt: DealtKeyset[]): string[] => dealt.map(slotFor).toSorted()
const prune = (files: MemoryFiles, view: LiveView) => open(files).maintain({ ...ORDER, view, graceMs: GRACE_MS }, never)

test('retention - should let a superseded epoch go after its grace time by the chain’s clock, with a signed receipt', async (t) => {
  const files = await holding(older, live)
  const key = files.paths().filter((path) => path.includes(slotFor(older)))
  t.is(key.length, 4, 'two files in each of two places')
  t.deepEqual((await prune(files, viewAt(5_000))).shredded, [])
  t.deepEqual((await prune(files, viewAt(5_999))).shredded, [])
  t.deepEqual(await heldIn(files), slots(older, live))
  const [held] = (await open(files).contents()).snapshots
  t.is(held?.supersededAtMs, 5_000)
  t.deepEqual(await prune(files, viewAt(6_000)), {
    incidents: [],
    takenOver: [],
    shredded: [slotFor(older)],
    unfinished: [],
  })
  t.deepEqual(await heldIn(files), slots(live))
  t.deepEqual(
    files.paths().filter((path) => path.includes(slotFor(older))),
    [],
  )
  const receipts = await Promise.all(
    files
      .paths()
      .filter((path) => path.startsWith('a/manifest-'))
      .toSorted()
      .map(async (path) => /"kind": "(\w+)"/.exec(Buffer.from(await files.read(path)).toString())?.[1]),
  )
  t.deepEqual(receipts, ['snapshot', 'snapshot', 'retention', 'shredding', 'shredded'])
  t.false((await open(files).contents()).needsCare)
})

test('retention - should never let go what has a share of the live keyset, or is of an epoch to come', async (t) => {
  const files = await holding(smaller, grown, later)
  await prune(files, viewAt(1_000, grown))
  t.deepEqual((await prune(files, viewAt(1_000_000, grown))).shredded, [])
  t.deepEqual(await heldIn(files), slots(smaller, grown, later))
  const { fates } = await open(files).plan(viewAt(1_000_000, grown), GRACE_MS)
  t.deepEqual(
    [smaller, grown, later].map((dealt) => fates.get(slotFor(dealt))?.kind),
    ['live', 'live', 'ahead'],
  )
})

test('retention - should let a superseded attempt of the live epoch go', async (t) => {
  const files = await holding(otherAttempt, live)
  await prune(files, viewAt(1_000))
  t.deepEqual((await prune(files, viewAt(2_000))).shredded, [slotFor(otherAttempt)])
})

test('retention - should begin the grace time anew for what was live in between', async (t) => {
  const files = await holding(older, live)
  await prune(files, viewAt(1_000))
  await prune(files, viewAt(1_500, older))
  t.deepEqual((await prune(files, viewAt(2_500))).shredded, [])
  t.deepEqual((await prune(files, viewAt(3_499))).shredded, [])
  t.deepEqual((await prune(files, viewAt(3_500))).shredded, [slotFor(older)])
})

test('retention - should let nothing go while the live keyset is not held in enough places', async (t) => {
  const files = await holding(older)
  await prune(files, viewAt(1_000))
  t.deepEqual((await prune(files, viewAt(9_000))).shredded, [])
  const plan = await open(files).plan(viewAt(9_000), GRACE_MS)
  t.is(plan.fates.get(slotFor(older))?.kind, 'held-back')
  await open(files).store(receivedOf(live), never)
  t.deepEqual((await prune(files, viewAt(9_000))).shredded, [slotFor(older)])
})

test('retention - should let old shares go of an operator who takes part no more', async (t) => {
  const files = await holding(older)
  await prune(files, { ...viewAt(1_000), participantId: undefined })
  t.deepEqual((await prune(files, { ...viewAt(2_000), participantId: undefined })).shredded, [slotFor(older)])
})

test('retention - should not be moved by any amount of garbage', async (t) => {
  const files = await holding(older, live)
  for (let n = 0; n < 300; n++) {
    const slot = `epoch-${n}-${n.toString(16).padStart(32, '0')}`
    files.put(`a/${slot}.age`, Buffer.from('garbage'))
    files.put(`a/${slot}.00000000.age`, Buffer.from('garbage'))
  }
  // So many are looked at in a round, and no more.
  for (let round = 0; round < 10; round++) await prune(files, viewAt(1_000))
  t.deepEqual(await heldIn(files), slots(older, live))
  const { damaged, needsCare } = await open(files).contents()
  t.is(damaged.length, 600)
  t.false(needsCare, 'and it costs nothing to leave it there')
})

test('retention - should destroy the previous format’s file too, and what comes back of it', async (t) => {
  const files = new MemoryFiles()
  putFormat1(files, 'a', older)
  await open(files).maintain(ORDER, never)
  await open(files).store(receivedOf(live), never)
  await prune(files, viewAt(1_000))
  await prune(files, viewAt(2_000))
  t.false(files.paths().some((path) => path.includes(slotFor(older))))
  putFormat1(files, 'b', older)
  const { incidents, takenOver } = await prune(files, viewAt(3_000))
  t.deepEqual(
    [takenOver, incidents.map(({ kind, mended }) => [kind, mended])],
    [
      [],
      [
        ['shredded-file', true],
        ['shredded-file', true],
      ],
    ],
  )
  t.false(files.paths().some((path) => path.includes(slotFor(older))))
})

test('retention - should finish in a place that was away, and give the receipt only then', async (t) => {
  const files = new MemoryFiles()
  const far = MemoryPlace.remote('far')
  const both = (): Repository =>
    repositoryOn(files, { places: [...bothPlaces(files).slice(0, 1), far], durableCopies: 1 })
  for (const dealt of [older, live]) await both().store(receivedOf(dealt), never)
  await both().maintain({ ...ORDER, view: viewAt(1_000) }, never)
  far.failing('PLACE_UNREACHABLE')
  const { shredded, unfinished } = await both().maintain({ ...ORDER, view: viewAt(2_000) }, never)
  t.deepEqual(shredded, [slotFor(older)])
  t.regex(unfinished[0] ?? '', /^far: .*made up/)
  far.failing(undefined)
  t.true((await far.list(never)).some(({ name }) => name.startsWith(slotFor(older))))
  t.deepEqual((await both().maintain(ORDER, never)).unfinished, [])
  t.false((await far.list(never)).some(({ name }) => name.startsWith(slotFor(older))))
  t.false((await both().contents()).needsCare)
})

const SETTINGS: KeeperSettings = {
  accountId: ALICE,
  graceMs: GRACE_MS,
  automatic: true,
  lookMs: 900_000,
  isRemote: false,
  deepMs: 86_400_000,
}

test('keeper - should look after the repository only when something asks for it, and less often where that does not help', async (t) => {
  const files = await holding(live)
  const repository = open(files)
  const orders: boolean[] = []
  const counting = {
    plan: repository.plan,
    maintain: async (...[order, signal]: Parameters<Repository['maintain']>) => {
      orders.push(order.deep)
      return repository.maintain(order, signal)
    },
  }
  let nowMs = 0
  const keeper = new Keeper(counting, SETTINGS, () => nowMs)
  const tend = async (after: number, keyset = live.json): Promise<number> => {
    nowMs += after
    const view = viewOf({ Running: runningJson(keyset) })
    await keeper.tend(await repository.contents(), view, never)
    return orders.length
  }
  t.is(await tend(60_000), 0)
  files.put(`a/manifest-${'0'.repeat(16)}-00000001-${'0'.repeat(16)}.signed`, Buffer.from('a foreign one'))
  t.is(await tend(60_000), 1, 'a chain that it did not know')
  t.is(await tend(60_000), 1, 'and now it does')
  t.is(await tend(900_000), 2, 'places far away are looked at now and then')
  t.is(await tend(60_000, later.json), 3, 'the contract shows it superseded')
  t.is(await tend(86_400_000), 4)
  t.deepEqual(orders, [false, false, false, true], 'once a day everything is read')
})

test('keeper - should look at a place far away soon after every start, whatever was known of it', async (t) => {
  const repository = open(await holding(live))
  let looks = 0
  const counting = {
    plan: repository.plan,
    maintain: async (...order: Parameters<Repository['maintain']>) => {
      looks += 1
      return repository.maintain(...order)
    },
  }
  for (const isRemote of [true, false]) {
    looks = 0
    const keeper = new Keeper(counting, { ...SETTINGS, isRemote })
    for (let round = 0; round < 2; round++) await keeper.tend(await repository.contents(), undefined, never)
    t.is(looks, isRemote ? 1 : 0)
  }
})

test('keeper - should see nothing to mark where the contract has no keyset', (t) => {
  t.is(liveViewOf(viewOf('NotInitialized'), ALICE), undefined)
  t.is(liveViewOf(viewOf({ Running: runningJson(live.json, []) }), ALICE)?.participantId, undefined)
})
