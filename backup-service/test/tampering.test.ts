/**
 * Somebody changes what lies in a place. Fails if any change goes unseen, is called something else than it is, cannot be
 * told from a place that was merely away, or is not put right from another place.
 */
import test, { type ExecutionContext } from 'ava'
import { readChain } from '../src/repository/chain.ts'
import { headName, keyIdOf, newSealedNames, parseFileName } from '../src/repository/file-names.ts'
import { makeHead, makeLink, type Entry } from '../src/repository/manifest.ts'
import type { Repository } from '../src/repository/repository.ts'
import { noteSigner } from '../src/repository/signed-note.ts'
import { MOST_BYTES } from '../src/repository/survey.ts'
import type { Place } from '../src/ports.ts'
import { sha256 } from '../src/repository/snapshot.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { putFormat1 } from './support/format-1.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { bothPlaces, MEMORY, ORDER, OWNER, repositoryOn, SIGNER } from './support/repository.ts'
import { contentOf, receivedOf, slotFor, small, textOf } from './support/stored.ts'

const { older, live } = small
const never = new AbortController().signal
const other = dealKeyset({ epochId: 3n, domains: ['Ed25519'], threshold: 2 })
const open = (files: MemoryFiles): Repository => repositoryOn(files, { places: bothPlaces(files) })

/** Two places that both hold two snapshots. */
async function holding(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  for (const dealt of [older, live]) await open(files).store(receivedOf(dealt), never)
  return files
}

const filesIn = (files: MemoryFiles, place: string): string[] =>
  files
    .paths()
    .filter((path) => path.startsWith(`${place}/`))
    .toSorted()
const manifestOf = (files: MemoryFiles, place: string, sequence: number): string =>
  filesIn(files, place).find((path) => path.includes(`-${String(sequence).padStart(8, '0')}-`)) ?? ''
const head = (place: string): string => `${place}/${headName(keyIdOf(SIGNER.publicKey))}`

type Found = [kind: string, mended: boolean]

/** Looks after both places: what was found, and that afterwards all is as it was. */
async function mended(t: ExecutionContext, files: MemoryFiles, before: MemoryFiles, why: string): Promise<Found[]> {
  t.true((await open(files).contents()).needsCare, why)
  const { incidents } = await open(files).maintain(ORDER, never)
  const { places, damaged, snapshots } = await open(files).contents()
  t.deepEqual(
    places.map(({ state }) => state),
    ['ok', 'ok'],
    `${why}: ${JSON.stringify(places)}`,
  )
  t.deepEqual(damaged, [], why)
  for (const snapshot of snapshots) t.deepEqual(snapshot.places, ['a', 'b'], why)
  for (const path of [...filesIn(before, 'a'), ...filesIn(before, 'b')]) {
    t.is(sha256(await files.read(path)), sha256(await before.read(path)), `${why}: ${path}`)
  }
  return incidents.filter(({ place }) => place === 'a').map(({ kind, mended: isMended }): Found => [kind, isMended])
}

const changes: Record<string, (content: Uint8Array) => Uint8Array | undefined> = {
  'a flipped bit': (content) => content.map((byte, index) => (index === content.length >> 1 ? byte ^ 1 : byte)),
  'its end cut off': (content) => content.subarray(0, -1),
  nothing: () => new Uint8Array(0),
  'something more': (content) => Buffer.concat([content, Buffer.from('\n')]),
  'no file': () => undefined,
}

const EXPECTED: Record<string, { changed: RegExp; gone: RegExp }> = {
  data: { changed: /^file-damaged$/, gone: /^file-missing$/ },
  key: { changed: /^file-damaged$/, gone: /^file-missing$/ },
  manifest: { changed: /^(manifest-damaged|forged-signature)$/, gone: /^(manifest-missing|rolled-back)$/ },
  head: { changed: /^(head-damaged|forged-signature)$/, gone: /^rolled-back$/ },
}

for (const [change, apply] of Object.entries(changes)) {
  test(`every file with ${change} - should be named for what it is, and put right from the other place`, async (t) => {
    const before = await holding()
    t.is(filesIn(before, 'a').length, 7)
    for (const path of filesIn(before, 'a')) {
      const files = before.copy()
      const content = apply(await files.read(path))
      if (content === undefined) files.lose(path)
      else files.put(path, content)
      const { kind } = parseFileName(path.slice(2))
      const { damaged, places } = await open(files).contents()
      t.like(places, { 0: { place: 'a', state: 'failed' }, 1: { place: 'b', state: 'ok' } }, path)
      const expected = EXPECTED[kind]?.[content === undefined ? 'gone' : 'changed']
      for (const { kind: named } of damaged) t.regex(named, expected ?? /never/, path)
      const found = await mended(t, files, before, path)
      t.true(found.length >= 1, path)
      for (const [named, isMended] of found) {
        t.regex(named, expected ?? /never/, path)
        t.true(isMended, path)
      }
    }
  })

  test(`every file with ${change} - should be made good from the node where no other place is left`, async (t) => {
    const before = new MemoryFiles()
    await repositoryOn(before).store(receivedOf(live), never)
    for (const path of filesIn(before, 'a')) {
      const files = before.copy()
      const content = apply(await files.read(path))
      if (content === undefined) files.lose(path)
      else files.put(path, content)
      await repositoryOn(files).maintain(ORDER, never)
      const { kind } = parseFileName(path.slice(2))
      const isShares = kind === 'data' || kind === 'key'
      t.is((await repositoryOn(files).contents()).snapshots.length, isShares ? 0 : 1, path)
      if (isShares) await repositoryOn(files).store(receivedOf(live), never)
      await repositoryOn(files).maintain(ORDER, never)
      const { snapshots, places } = await repositoryOn(files).contents()
      t.like(places, { 0: { state: 'ok' } }, `${path}: ${places[0]?.reason}`)
      t.deepEqual(snapshots[0] && (await repositoryOn(files).load(snapshots[0])), contentOf(live), path)
    }
  })
}

test('any two files that are swapped - should be named and put right', async (t) => {
  const before = await holding()
  const paths = filesIn(before, 'a')
  for (const [index, one] of paths.entries()) {
    for (const two of paths.slice(index + 1)) {
      const files = before.copy()
      files.put(one, await before.read(two))
      files.put(two, await before.read(one))
      const found = await mended(t, files, before, `${one} and ${two}`)
      t.true(found.length >= 2)
    }
  }
})

test('a place that was put back to an older state - should be told from one that was away', async (t) => {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(older), never)
  const earlier = files.copy()
  await open(files).store(receivedOf(live), never)
  const before = files.copy()
  for (const path of filesIn(files, 'a')) files.lose(path)
  for (const path of filesIn(earlier, 'a')) files.put(path, await earlier.read(path))
  const { damaged, places } = await open(files).contents()
  t.true(damaged.some(({ kind, reason }) => kind === 'rolled-back' && /here is 1, and this place had 2/.test(reason)))
  t.is(places[0]?.state, 'failed')
  const found = await mended(t, files, before, 'rolled back')
  t.true(found.some(([kind]) => kind === 'rolled-back'))

  const away = before.copy()
  await repositoryOn(away, { places: bothPlaces(away).slice(1), durableCopies: 1 }).store(receivedOf(other), never)
  const behind = await open(away).contents()
  t.like(behind.places, { 0: { state: 'behind' }, 1: { state: 'ok' } })
  t.deepEqual(behind.damaged, [])
  t.deepEqual((await open(away).maintain(ORDER, never)).incidents, [])
})

test('a manifest that was removed from the middle - should be told from one at the end', async (t) => {
  const before = await holding()
  const middle = before.copy()
  middle.lose(manifestOf(middle, 'a', 1))
  t.deepEqual(await mended(t, middle, before, 'the middle'), [['manifest-missing', true]])
  const end = before.copy()
  end.lose(manifestOf(end, 'a', 2))
  t.deepEqual(await mended(t, end, before, 'the end'), [['rolled-back', true]])
})

test('a place that was emptied - should be filled again, and said to have lost everything', async (t) => {
  const before = await holding()
  const files = before.copy()
  for (const path of filesIn(files, 'a')) files.lose(path)
  const kinds = (await mended(t, files, before, 'emptied')).map(([kind]) => kind)
  t.deepEqual([...new Set(kinds)].toSorted(), ['file-missing', 'rolled-back'])
})

test('a head that another key signed - should be called forged', async (t) => {
  const before = await holding()
  const files = before.copy()
  const thief = noteSigner(new Uint8Array(32).fill(66))
  files.put(head('a'), makeHead({ sequence: 9, hash: sha256('x') }, thief))
  t.deepEqual(await mended(t, files, before, 'the head'), [['forged-signature', true]])
  const changed = before.copy()
  const text = textOf(await before.read(head('a'))).replace('"sequence": 2', '"sequence": 1')
  changed.put(head('a'), Buffer.from(text))
  t.deepEqual(await mended(t, changed, before, 'the head'), [['forged-signature', true]])
})

test('a manifest under this service’s name that another key signed - should be named and never followed', async (t) => {
  const files = await holding()
  const thief = noteSigner(new Uint8Array(32).fill(66))
  const entry: Entry = { kind: 'shredding', slots: [slotFor(live)], files: [], supersededAtMs: 0 }
  const forged = makeLink(OWNER, { sequence: 3, previous: sha256('x'), recordedAtMs: 0, entry }, thief)
  const own = `manifest-${keyIdOf(SIGNER.publicKey)}-00000003-${forged.hash.slice(0, 16)}.signed`
  files.put(`a/${own}`, forged.bytes)
  const { incidents } = await open(files).maintain(ORDER, never)
  t.deepEqual(
    incidents.map(({ file, mended: isMended }) => [file, isMended]),
    [[own, false]],
  )
  const { snapshots, damaged, places } = await open(files).contents()
  t.is(snapshots.length, 2)
  t.deepEqual(
    damaged.map(({ file }) => file),
    [own],
    'it is named for as long as it lies there',
  )
  t.is(places[0]?.state, 'ok')
  t.deepEqual((await open(files).maintain(ORDER, never)).incidents, [], 'and logged once')
})

test('a manifest of a key that only starts like this service’s - should be called forged', (t) => {
  const thief = noteSigner(new Uint8Array(32).fill(66))
  const entry: Entry = { kind: 'shredding', slots: [slotFor(live)], files: [], supersededAtMs: 0 }
  const { name, bytes } = makeLink(OWNER, { sequence: 1, previous: null, recordedAtMs: 0, entry }, thief)
  const own = Buffer.concat([thief.publicKey.subarray(0, 8), SIGNER.publicKey.subarray(8)])
  t.is(keyIdOf(own), keyIdOf(thief.publicKey))
  const found = readChain(OWNER, own, new Map([[name, bytes]]))
  t.deepEqual(found.links, [])
  t.is(found.findings[0]?.kind, 'forged-signature')
})

test('a file that is larger than any snapshot - should be named, and never read', async (t) => {
  const files = await holding()
  const [data = ''] = filesIn(files, 'a').filter((path) => parseFileName(path.slice(2)).kind === 'data')
  const huge = new Uint8Array(MOST_BYTES + 1)
  const stranger = data.replace(slotFor(older), slotFor(other)).replace(slotFor(live), slotFor(other))
  files.put(stranger, huge)
  files.put(data, huge)
  files.put(head('a'), huge)
  let most = 0
  const places = bothPlaces(files).map((place): Place => ({
    ...place,
    async read(file, signal) {
      const content = await place.read(file, signal)
      most = Math.max(most, content.length)
      return content
    },
  }))
  const { damaged } = await repositoryOn(files, { places }).contents()
  t.true(damaged.some(({ kind, file }) => kind === 'unusable-file' && file === stranger.slice(2)))
  await repositoryOn(files, { places }).maintain(ORDER, never)
  t.true(most < MOST_BYTES, `${most} bytes were read at once`)
  t.deepEqual(
    (await repositoryOn(files, { places }).contents()).snapshots.map(({ places: holders }) => holders),
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  )
})

test('shares that somebody made up for a keyset without commitments - should not pass for the backup of it', async (t) => {
  const bare = dealKeyset({ epochId: 6n, domains: ['Ed25519'], threshold: 2, commitments: false })
  const files = await holding()
  const stranger = repositoryOn(files, { tlsSeed: new Uint8Array(32).fill(66), memory: 'stranger' })
  await stranger.store(receivedOf(bare), never)
  await repositoryOn(files).maintain(ORDER, never)
  const { snapshots, damaged, needsCare } = await repositoryOn(files).contents()
  t.deepEqual(
    snapshots.map(({ slot }) => slot),
    [slotFor(older), slotFor(live)],
  )
  t.true(damaged.some(({ kind, reason }) => kind === 'unusable-file' && reason.includes('did not record it')))
  t.false(needsCare)
  const afterLoss = repositoryOn(files, { tlsSeed: new Uint8Array(32).fill(67), memory: 'new' })
  await afterLoss.maintain(ORDER, never)
  t.true(
    (await afterLoss.contents()).snapshots.some(({ slot }) => slot === slotFor(bare)),
    'a new home has nothing better',
  )
})

test('a lost home - should be taken over by a new service with the same age identity, whose key is another', async (t) => {
  const files = await holding()
  const successor = repositoryOn(files, {
    places: bothPlaces(files),
    tlsSeed: new Uint8Array(32).fill(7),
    memory: 'new-home',
  })
  const { takenOver, incidents } = await successor.maintain({ ...ORDER, fresh: true }, never)
  t.deepEqual(takenOver.toSorted(), [slotFor(older), slotFor(live)].toSorted())
  t.deepEqual([...new Set(incidents.map(({ kind }) => kind))], ['foreign-chain'])
  const { snapshots, damaged, needsCare } = await successor.contents()
  t.deepEqual([snapshots.length, damaged, needsCare], [2, [], false])
  for (const snapshot of snapshots) t.deepEqual(snapshot.places, ['a', 'b'])
  t.deepEqual((await successor.maintain(ORDER, never)).incidents, [])
})

test('a lost memory of the chain - should be had back from the places, and go on with the next number', async (t) => {
  const files = await holding()
  for (const path of filesIn(files, MEMORY)) files.lose(path)
  t.true((await open(files).contents()).needsCare)
  await open(files).maintain({ ...ORDER, fresh: true }, never)
  t.is((await open(files).contents()).snapshots.length, 2)
  t.is((await open(files).store(receivedOf(other), never)).sequence, 3)
})

test('a home that was put back to an older state - should lose nothing that was signed since', async (t) => {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(older), never)
  const earlier = files.copy()
  await open(files).store(receivedOf(live), never)
  for (const path of filesIn(files, MEMORY)) files.lose(path)
  for (const path of filesIn(earlier, MEMORY)) files.put(path, await earlier.read(path))
  const forked = files.copy()
  await open(files).maintain({ ...ORDER, fresh: true }, never)
  t.is((await open(files).contents()).snapshots.length, 2)

  // Worse: it signs another manifest 2 before it has looked at the places.
  await open(forked).store(receivedOf(other), never)
  const { incidents } = await open(forked).maintain({ ...ORDER, fresh: true }, never)
  t.true(incidents.some(({ kind }) => kind === 'forked'))
  const { snapshots } = await open(forked).contents()
  t.deepEqual(snapshots.map(({ slot }) => slot).toSorted(), [older, live, other].map(slotFor).toSorted())
})

test('a manifest that is lost everywhere - should be named, and its number not used again', async (t) => {
  const files = await holding()
  for (const place of [MEMORY, 'a', 'b']) files.lose(manifestOf(files, place, 2))
  const { incidents, takenOver } = await open(files).maintain({ ...ORDER, fresh: true }, never)
  t.true(incidents.some(({ kind }) => kind === 'rolled-back' || kind === 'manifest-missing'))
  t.deepEqual(takenOver, [slotFor(live)], 'its shares are still there, and still genuine')
  const { snapshots } = await open(files).contents()
  t.deepEqual(
    snapshots.map(({ sequence }) => sequence),
    [1, 3],
  )
})

test('the previous format - should be taken over whole, and what does not open named', async (t) => {
  const files = new MemoryFiles()
  for (const dealt of [older, live]) putFormat1(files, 'a', dealt)
  const garbage = `a/epoch-9-${'0'.repeat(32)}.age`
  files.put(garbage, Buffer.from('garbage'))
  const before = filesIn(files, 'a')
  const { takenOver } = await open(files).maintain({ ...ORDER, fresh: true }, never)
  t.deepEqual(takenOver.toSorted(), [slotFor(older), slotFor(live)].toSorted())
  const { snapshots, damaged, needsCare } = await open(files).contents()
  for (const [index, dealt] of [older, live].entries()) {
    const snapshot = snapshots.find(({ slot }) => slot === slotFor(dealt))
    t.deepEqual(snapshot && (await open(files).load(snapshot)), contentOf(dealt), String(index))
  }
  t.deepEqual(
    damaged.map(({ kind, file }) => [kind, file]),
    [['unusable-file', garbage.slice(2)]],
  )
  t.false(needsCare, 'garbage costs nothing more')
  for (const path of before) t.true(files.paths().includes(path), 'nothing of it is removed')
})

test('a snapshot under another name, or of another owner - should not be taken over', async (t) => {
  const files = new MemoryFiles()
  putFormat1(files, 'a', older)
  const [path = ''] = filesIn(files, 'a').filter((found) => found.endsWith('.age'))
  files.put(`a/${slotFor(live)}.age`, await files.read(path))
  await open(files).maintain(ORDER, never)
  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(
    snapshots.map(({ slot }) => slot),
    [slotFor(older)],
  )
  t.regex(damaged[0]?.reason ?? '', /belongs in epoch-4/)

  const bob = repositoryOn(files, { owner: { ...OWNER, accountId: 'bob.near' }, memory: 'bob' })
  await bob.maintain({ ...ORDER, fresh: true }, never)
  const foreign = await bob.contents()
  t.deepEqual(foreign.snapshots, [])
  t.true(foreign.damaged.some(({ reason }) => /alice\.near/.test(reason)))
})

test('damage that the node mended by giving its shares again - should stay known', async (t) => {
  const files = new MemoryFiles()
  const only = (): Repository => repositoryOn(files)
  await only().store(receivedOf(live), never)
  const path = filesIn(files, 'a').find((name) => name.endsWith('.age') && parseFileName(name.slice(2)).kind === 'data')
  files.put(path ?? '', Buffer.from('what a bad disk makes of it'))
  t.deepEqual((await only().contents()).snapshots, [])
  await only().store(receivedOf(live), never)
  const { snapshots, damaged, incidents } = await only().contents()
  t.is(snapshots.length, 1)
  t.deepEqual(damaged, [])
  t.deepEqual(
    incidents.map(({ kind, place, file, mended: isMended }) => [kind, `${place}/${file}`, isMended]),
    [['file-damaged', path ?? '', true]],
  )
  await only().store(receivedOf(live), never)
  t.is((await only().contents()).incidents.length, 1, 'shares given again for no reason are no incident')
})

test('more forged files than can be opened in one round - should be opened a few at a time, and hide nothing', async (t) => {
  const files = await holding()
  const FORGED = 70
  for (let number = 0; number < FORGED; number++) {
    const { data, key } = newSealedNames(`epoch-9-${sha256(String(number)).slice(0, 32)}`)
    files.put(`a/${data}`, Buffer.from('forged'))
    files.put(`a/${key}`, Buffer.from('forged'))
  }
  const refused = async (): Promise<number> =>
    (await open(files).contents()).damaged.filter(({ kind }) => kind === 'unusable-file').length
  await open(files).maintain(ORDER, never)
  const first = await refused()
  t.true(first > 0 && first < FORGED, String(first))
  await open(files).maintain(ORDER, never)
  t.is(await refused(), FORGED)
  t.is((await open(files).contents()).snapshots.length, 2)
})
