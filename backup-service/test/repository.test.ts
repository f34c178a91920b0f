import test from 'ava'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { SnapshotContent } from '../src/repository/snapshot-content.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { plainSealOf } from './support/fakes.ts'
import { MemoryFiles, systemError } from './support/memory-files.ts'
import { bothPlaces, ORDER, repositoryOn } from './support/repository.ts'
import { contentOf, holding, live, older, receivedOf, superseded, textOf } from './support/stored.ts'

const never = new AbortController().signal

test('repository - should give back what was stored, to the next process too', async (t) => {
  const files = await holding(older)
  const stored = await repositoryOn(files).store(receivedOf(live), never)
  t.like(stored, { sequence: 2, epochId: 5n, participantId: 0, provedGenuine: true, places: ['a'] })
  const { snapshots, damaged, places, needsCare } = await repositoryOn(files).contents()
  t.deepEqual(damaged, [])
  t.like(places, { 0: { place: 'a', state: 'ok', reason: null } })
  t.false(needsCare)
  t.deepEqual(
    snapshots.map(({ epochId }) => epochId),
    [4n, 5n],
  )
  t.deepEqual(snapshots[1], stored)
  t.deepEqual(await repositoryOn(files).load(stored), contentOf(live))
})

test('repository - should keep a superseded attempt beside the real one, never in its place', async (t) => {
  const files = await holding(superseded)
  const stored = await repositoryOn(files).store(receivedOf(live), never)
  t.is((await repositoryOn(files).contents()).snapshots.length, 2)
  t.deepEqual(await repositoryOn(files).load(stored), contentOf(live))
})

test('repository - should say of a keyset without commitments that only its group keys were compared', async (t) => {
  const files = new MemoryFiles()
  const bare = dealKeyset({ commitments: false, domains: ['Secp256k1'] })
  t.false((await repositoryOn(files).store(receivedOf(bare), never)).provedGenuine)
  t.false((await repositoryOn(files).contents()).snapshots[0]?.provedGenuine)
})

test('repository - should not count what is sealed for another identity, and store beside it what is not', async (t) => {
  const files = new MemoryFiles()
  const otherSeal = plainSealOf('other')
  await repositoryOn(files, { seal: otherSeal }).store(receivedOf(live), never)
  const { snapshots, damaged } = await repositoryOn(files).contents()
  t.deepEqual(snapshots, [])
  t.is(damaged.length, 1)
  t.like(damaged[0], { kind: 'other-identity' })
  t.regex(damaged[0]?.reason ?? '', /another age identity.*sealed for other recipient….*put that identity back/)
  t.is((await repositoryOn(files, { seal: otherSeal }).contents()).snapshots.length, 1)

  const stored = await repositoryOn(files).store(receivedOf(live), never)
  t.deepEqual(await repositoryOn(files).load(stored), contentOf(live))
  t.deepEqual((await repositoryOn(files).contents()).damaged, [])
  t.is(files.paths().filter((path) => path.startsWith('a/epoch-')).length, 4, 'nothing was written over')
})

test('repository - should seal anew what a recipient of the config could not open', async (t) => {
  const files = await holding(older, live)
  const further = repositoryOn(files, { seal: plainSealOf('plain', ['plain recipient', 'offline recipient']) })
  const { takenOver } = await further.maintain(ORDER, never)
  t.is(takenOver.length, 2)
  const { snapshots } = await further.contents()
  for (const { recipients } of snapshots) t.deepEqual(recipients, ['plain recipient', 'offline recipient'])
  t.deepEqual((await further.maintain(ORDER, never)).takenOver, [])
})

test('repository - should say that it was not durable where too few places hold it, and who failed why', async (t) => {
  const files = new MemoryFiles()
  const [a, b] = bothPlaces(files)
  if (a === undefined || b === undefined) return t.fail('there are two')
  const full = { ...b, write: () => Promise.reject(systemError('made up')) }
  await t.throwsAsync(repositoryOn(files, { places: [a, full] }).store(receivedOf(live), never), {
    code: 'NOT_DURABLE',
    message: /1 of the 2 places.*b: made up/,
  })
  t.deepEqual(
    files.paths().filter((path) => path.startsWith('a/') || path.startsWith('b/')),
    [],
    'and leave nothing',
  )
  const stored = await repositoryOn(files, { places: [a, full], durableCopies: 1 }).store(receivedOf(live), never)
  t.deepEqual(stored.places, ['a'])
  const behind = await repositoryOn(files, { places: [a, b], durableCopies: 1 }).contents()
  t.like(behind.places, { 0: { state: 'ok' }, 1: { state: 'failed' } })
  t.regex(behind.places[1]?.reason ?? '', /made up/, 'why it could not be written, not that it lacks it')
  t.true(behind.needsCare)
  const both = repositoryOn(files, { places: [a, b], durableCopies: 1 })
  t.deepEqual((await both.maintain(ORDER, never)).incidents, [], 'not yet written is nobody else’s doing')
  t.deepEqual((await both.contents()).snapshots[0]?.places, ['a', 'b'])
})

test('repository - should not keep what reads back differently', async (t) => {
  const files = await holding(older)
  const before = files.paths()
  const read = files.read.bind(files)
  files.read = async (path) => {
    const bytes = await read(path)
    return path.includes(`epoch-5-`)
      ? Buffer.from(textOf(bytes).replace('"participant_id":0', '"participant_id":1'))
      : bytes
  }
  await t.throwsAsync(repositoryOn(files).store(receivedOf(live), never), { code: 'READ_BACK_DIFFERS' })
  t.deepEqual(files.paths().toSorted(), before.toSorted())
})

test('repository - should be refused by name when its own copy of the chain cannot be read', async (t) => {
  const files = new MemoryFiles()
  files.list = async () => {
    throw systemError('EACCES')
  }
  await t.throwsAsync(repositoryOn(files).contents(), { code: 'PLACE_REFUSED', message: /EACCES/ })
})

const other = dealKeyset()
const [, second] = live.sharesOf(0)
const wrong: [title: string, shares: SnapshotContent['keyshares'], code: string][] = [
  ['another epoch', older.sharesOf(0), 'KEYSHARE_WRONG_EPOCH'],
  [
    'another attempt',
    superseded.sharesOf(0).map((s) => ({ ...s, publicKey: live.sharesOf(0)[0]?.publicKey ?? s.publicKey })),
    'KEYSHARE_WRONG_ATTEMPT',
  ],
  ['another key', other.sharesOf(0), 'KEYSHARE_WRONG_KEY'],
  [
    'another polynomial',
    live
      .sharesOf(0)
      .map((share, i) => ({ ...share, privateShare: other.sharesOf(0)[i]?.privateShare ?? share.privateShare })),
    'KEYSHARE_NOT_ON_POLYNOMIAL',
  ],
  ['another participant', live.sharesOf(1), 'KEYSHARE_NOT_ON_POLYNOMIAL'],
  ['fewer domains', live.sharesOf(0).slice(1), 'KEYSHARE_MISSING'],
  ['more domains', [...live.sharesOf(0), ...(second ? [{ ...second, domainId: 2n }] : [])], 'KEYSHARE_EXTRA'],
  [
    'another domain',
    live.sharesOf(0).map((s) => (s.domainId === 1n ? { ...s, domainId: 7n } : s)),
    'KEYSHARE_WRONG_DOMAIN',
  ],
  ['a domain twice', [...live.sharesOf(0), ...live.sharesOf(0).slice(1)], 'KEYSHARE_DUPLICATE'],
]
for (const [title, keyshares, code] of wrong) {
  test(`repository - should not touch the disk for shares of ${title}`, async (t) => {
    const files = await holding(older)
    const before = files.paths()
    const received = { keyset: live.keyset, participantId: 0, keyshares: serializeKeyshares(keyshares) }
    await t.throwsAsync(repositoryOn(files).store(received, never), { code })
    t.deepEqual(files.paths(), before)
  })
}

for (const [title, keyshares] of [
  ['something other than JSON', 'shares'],
  ['an object', '{}'],
  ['a share cut short', serializeKeyshares(live.sharesOf(0)).slice(0, -20)],
  ['a zero share', serializeKeyshares(live.sharesOf(0).map((s) => ({ ...s, privateShare: new Uint8Array(32) })))],
] as const) {
  test(`repository - should not touch the disk for ${title}`, async (t) => {
    const files = await holding(older)
    const before = files.paths()
    await t.throwsAsync(repositoryOn(files).store({ keyset: live.keyset, participantId: 0, keyshares }, never), {
      message: /cannot (read|use) the node's key shares/,
    })
    t.deepEqual(files.paths(), before)
  })
}
