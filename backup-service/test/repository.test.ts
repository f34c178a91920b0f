import test from 'ava'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { SealAtRest } from '../src/ports.ts'
import { createRepository, type Repository } from '../src/repository/repository.ts'
import { sha256, slotOf, type ReceivedShares } from '../src/repository/snapshot.ts'
import type { SnapshotContent } from '../src/repository/snapshot-content.ts'
import { dealKeyset, type DealtKeyset } from './support/dealt-keyset.ts'
import { plainSeal } from './support/fakes.ts'
import { MemoryFiles, systemError } from './support/memory-files.ts'
import { ALICE, CONTRACT } from './support/views.ts'

const owner = { accountId: ALICE, contractId: CONTRACT }
const older = dealKeyset({ epochId: 4n })
const live = dealKeyset()
const superseded = dealKeyset({ attempt: 1n })
const never = new AbortController().signal
const liveSlot = slotOf(owner, live.keyset, 0)

function contentOf({ keyset, sharesOf }: DealtKeyset, participantId = 0): SnapshotContent {
  return { keyset, participantId, keyshares: sharesOf(participantId) }
}

function receivedOf(dealt: DealtKeyset): ReceivedShares {
  return { ...contentOf(dealt), keyshares: serializeKeyshares(dealt.sharesOf(0)) }
}

function open(files: MemoryFiles): Repository {
  return createRepository('r', owner, files, plainSeal)
}

async function holdingOlder(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(older), never)
  return files
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const fileOf = async (files: MemoryFiles, slot: string, ext = 'age'): Promise<string> =>
  text(await files.read(`r/${slot}.${ext}`))

test('repository - should give back what was stored, to the next process too', async (t) => {
  const files = await holdingOlder()
  const stored = await open(files).store(receivedOf(live), never)
  t.like(stored, { slot: liveSlot, epochId: 5n, participantId: 0, provedGenuine: true })
  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(damaged, [])
  t.deepEqual(snapshots.map(({ epochId }) => epochId).toSorted(), [4n, 5n])
  const [found] = snapshots.filter(({ slot }) => slot === liveSlot)
  t.deepEqual(found, stored)
  t.deepEqual(await open(files).load(stored), contentOf(live))
})

test('repository - should keep a superseded attempt beside the real one, never in its place', async (t) => {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(superseded), never)
  const stored = await open(files).store(receivedOf(live), never)
  t.is((await open(files).contents()).snapshots.length, 2)
  t.deepEqual(await open(files).load(stored), contentOf(live))
})

test('repository - should say of a keyset without commitments that only its group keys were compared', async (t) => {
  const files = new MemoryFiles()
  const stored = await open(files).store(receivedOf(dealKeyset({ commitments: false, domains: ['Secp256k1'] })), never)
  t.false(stored.provedGenuine)
  t.false((await open(files).contents()).snapshots[0]?.provedGenuine)
})

for (const names of ['lazy', 'eager'] as const) {
  test(`repository - should survive a power cut at any call of a store, names written ${names}`, async (t) => {
    const dry = await holdingOlder()
    const before = dry.calls
    await open(dry).store(receivedOf(live), never)
    const calls = dry.calls - before
    t.true(calls >= 10)
    let whole = 0
    for (let n = 1; n <= calls + 1; n++) {
      const files = await holdingOlder()
      files.crashAtCall(n)
      const stored = open(files).store(receivedOf(live), never)
      if (n <= calls) await t.throwsAsync(stored, undefined, `call ${n}`)
      else await stored
      const after = files.afterCrash(names)
      await open(after).sweep()
      const { snapshots, damaged } = await open(after).contents()
      t.deepEqual(damaged, [], `call ${n}`)
      const [old, ...others] = snapshots.filter(({ slot }) => slot !== liveSlot)
      t.is(others.length, 0)
      t.deepEqual(old && (await open(after).load(old)), contentOf(older), `call ${n}`)
      const found = snapshots.find(({ slot }) => slot === liveSlot)
      if (found !== undefined) t.deepEqual(await open(after).load(found), contentOf(live), `call ${n}`)
      whole += found === undefined ? 0 : 1
      t.deepEqual(
        after.paths().filter((path) => path.includes('.tmp')),
        [],
        `call ${n}`,
      )
      await open(after).store(receivedOf(live), never)
      t.is((await open(after).contents()).snapshots.length, 2, `call ${n}`)
    }
    t.true(whole >= 1 && whole < calls)
  })
}

test('repository - should survive a power cut while a lost manifest is made anew', async (t) => {
  for (let n = 1; n <= 12; n++) {
    const files = await holdingOlder()
    const manifest = files.paths().find((path) => path.endsWith('.json')) ?? ''
    await files.remove(manifest)
    await files.syncDirectory()
    files.crashAtCall(n)
    await open(files)
      .contents()
      .catch(() => undefined)
    const { snapshots, damaged } = await open(files.afterCrash('lazy')).contents()
    t.deepEqual(damaged, [], `call ${n}`)
    t.is(snapshots.length, 1, `call ${n}`)
  }
})

test('repository - should take in a snapshot whose manifest is torn', async (t) => {
  const files = new MemoryFiles()
  const stored = await open(files).store(receivedOf(live), never)
  files.put(`r/${liveSlot}.json`, Buffer.from('{"format":'))
  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(damaged, [])
  t.like(snapshots[0], { slot: liveSlot, ciphertextSha256: stored.ciphertextSha256 })
  t.regex(await fileOf(files, liveSlot, 'json'), /ciphertext_sha256/)
})

test('repository - should name a damaged file, leave it, and set it aside for a good one', async (t) => {
  const files = await holdingOlder()
  const stored = await open(files).store(receivedOf(live), never)
  const damagedText = (await fileOf(files, liveSlot)).slice(0, -1)
  files.put(`r/${liveSlot}.age`, Buffer.from(damagedText))

  const seen = await open(files).contents()
  t.deepEqual(
    seen.damaged.map(({ file }) => file),
    [`${liveSlot}.age`],
  )
  t.deepEqual(
    seen.snapshots.map(({ epochId }) => epochId),
    [4n],
  )
  t.is(await fileOf(files, liveSlot), damagedText)
  await t.throwsAsync(open(files).load(stored), { code: 'SNAPSHOT_DAMAGED' })

  await open(files).store(receivedOf(live), never)
  const mended = await open(files).contents()
  t.is(mended.snapshots.length, 2)
  t.is(mended.damaged.length, 1)
  const [{ file } = { file: '' }] = mended.damaged
  t.true(file.startsWith(`${liveSlot}.damaged-`))
  t.is(text(await files.read(`r/${file}`)), damagedText)
})

test('repository - should not count what is sealed for another identity, and set it aside for what is not', async (t) => {
  const files = new MemoryFiles()
  const otherSeal: SealAtRest = {
    identityId: 'other',
    recipient: async () => 'age1pq1other',
    seal: async (plaintext) => Buffer.from(`other ${plaintext}`),
    open: async (ciphertext) => text(ciphertext).slice('other '.length),
  }
  await createRepository('r', owner, files, otherSeal).store(receivedOf(live), never)
  const sealed = await fileOf(files, liveSlot)
  t.like(JSON.parse(await fileOf(files, liveSlot, 'json')), { age_recipient: 'age1pq1other' })

  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(snapshots, [])
  t.is(damaged.length, 1)
  t.regex(damaged[0]?.reason ?? '', /another age identity.*recipient age1pq1other….*put that identity back/)
  t.is(await fileOf(files, liveSlot), sealed)
  t.is((await createRepository('r', owner, files, otherSeal).contents()).snapshots.length, 1)

  const stored = await open(files).store(receivedOf(live), never)
  t.deepEqual(await open(files).load(stored), contentOf(live))
  const aside = files.paths().find((path) => path.includes('.damaged-')) ?? ''
  t.is(text(await files.read(aside)), sealed)
})

test('repository - should set aside a snapshot that looks right and does not open', async (t) => {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(live), never)
  const ciphertext = 'nothing that opens'
  const manifest = JSON.parse(await fileOf(files, liveSlot, 'json')) as Record<string, unknown>
  files.put(`r/${liveSlot}.age`, Buffer.from(ciphertext))
  files.put(`r/${liveSlot}.json`, Buffer.from(JSON.stringify({ ...manifest, ciphertext_sha256: sha256(ciphertext) })))
  const [looksRight] = (await open(files).contents()).snapshots
  if (looksRight === undefined) return t.fail('it does not look right')
  await t.throwsAsync(open(files).check(looksRight, never), { code: 'SNAPSHOT_UNDECRYPTABLE' })
  const stored = await open(files).store(receivedOf(live), never)
  await open(files).check(stored, never)
  const aside = files.paths().find((path) => path.includes('.damaged-')) ?? ''
  t.is(text(await files.read(aside)), ciphertext)
})

test('repository - should name a manifest whose snapshot is gone', async (t) => {
  const files = new MemoryFiles()
  await open(files).store(receivedOf(live), never)
  await files.remove(`r/${liveSlot}.age`)
  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(snapshots, [])
  t.regex(damaged[0]?.reason ?? '', /missing/)
})

test('repository - should not take a snapshot under another name, nor of another owner', async (t) => {
  const files = await holdingOlder()
  const [path] = files.paths().filter((found) => found.endsWith('.age'))
  const moved = new MemoryFiles()
  moved.put(`r/${liveSlot}.age`, await files.read(path ?? ''))
  const { snapshots, damaged } = await open(moved).contents()
  t.deepEqual(snapshots, [])
  t.regex(damaged[0]?.reason ?? '', /belongs in epoch-4/)
  await open(moved).store(receivedOf(live), never)
  const aside = moved.paths().find((found) => found.includes('.damaged-')) ?? ''
  t.deepEqual(await moved.read(aside), await files.read(path ?? ''), 'it may be the only copy of the other epoch')

  const bob = createRepository('r', { accountId: 'bob.near', contractId: CONTRACT }, files, plainSeal)
  const foreign = await bob.contents()
  t.deepEqual(foreign.snapshots, [])
  t.regex(foreign.damaged[0]?.reason ?? '', /alice\.near/)
})

test('repository - should not let the old snapshots suffer from a full disk', async (t) => {
  const files = await holdingOlder()
  const before = files.paths()
  files.fault = systemError('ENOSPC')
  await t.throwsAsync(open(files).store(receivedOf(live), never), { code: 'DISK_FULL', message: /free some room/ })
  files.fault = undefined
  t.deepEqual(files.paths(), before)
  await open(files).store(receivedOf(live), never)
  t.is((await open(files).contents()).snapshots.length, 2)
})

test('repository - should count a snapshot whose manifest found no room', async (t) => {
  const files = new MemoryFiles()
  const create = files.create.bind(files)
  files.create = async (path, content) => {
    if (path.includes('.json')) throw systemError('ENOSPC')
    return create(path, content)
  }
  await t.throwsAsync(open(files).store(receivedOf(live), never), { code: 'DISK_FULL' })
  const { snapshots, damaged } = await open(files).contents()
  t.deepEqual(damaged, [])
  t.deepEqual(
    snapshots.map(({ slot }) => slot),
    [liveSlot],
  )
  files.create = create
  await open(files).contents()
  t.deepEqual(files.paths().toSorted(), [`r/${liveSlot}.age`, `r/${liveSlot}.json`])
})

test('repository - should not keep what reads back differently', async (t) => {
  const files = await holdingOlder()
  const before = files.paths()
  const read = files.read.bind(files)
  files.read = async (path) => {
    const bytes = await read(path)
    return path.endsWith('.tmp') ? Buffer.from(text(bytes).replace('"participant_id":0', '"participant_id":1')) : bytes
  }
  await t.throwsAsync(open(files).store(receivedOf(live), never), { code: 'READ_BACK_DIFFERS' })
  t.deepEqual(files.paths(), before)
})

test('repository - should be refused by name when it cannot be read', async (t) => {
  const files = new MemoryFiles()
  files.list = async () => {
    throw systemError('EACCES')
  }
  await t.throwsAsync(open(files).contents(), { code: 'REPOSITORY_UNREADABLE', message: /EACCES/ })
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
    const files = await holdingOlder()
    const before = files.paths()
    const received = { keyset: live.keyset, participantId: 0, keyshares: serializeKeyshares(keyshares) }
    await t.throwsAsync(open(files).store(received, never), { code })
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
    const files = await holdingOlder()
    const before = files.paths()
    await t.throwsAsync(open(files).store({ keyset: live.keyset, participantId: 0, keyshares }, never), {
      message: /cannot (read|use) the node's key shares/,
    })
    t.deepEqual(files.paths(), before)
  })
}
