import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { KeepShares, WriteFileDurably } from '../src/ports.ts'
import { checkReplacement, type ShareSet } from '../src/storage/acceptance.ts'
import { openShareDirectory } from '../src/storage/share-directory.ts'
import { openShareStore } from '../src/storage/share-store.ts'
import { keyForDomain, keysetOf, knownKey, shareOf, storedShare, type KnownKey } from './support/shares.ts'

const a = knownKey(0)
const b = knownKey(1)
const setOf = (...keys: KnownKey[]): ShareSet => ({
  epochId: keys[0]?.epoch ?? 0n,
  shares: keys.map((key) => storedShare(key)),
})
const later = (key: KnownKey): KnownKey => ({ ...key, epoch: 5n, coefficients: [key.coefficients[0] ?? 1n, 99n] })

type Row = { title: string; stored?: ShareSet; candidate: ShareSet; outcome: string }
const ROWS: Row[] = [
  { title: 'the first set', candidate: setOf(a), outcome: 'replace' },
  { title: 'the same set', stored: setOf(a, b), candidate: setOf(a, b), outcome: 'unchanged' },
  { title: 'one domain more', stored: setOf(a), candidate: setOf(a, b), outcome: 'replace' },
  { title: 'a newer epoch', stored: setOf(a), candidate: setOf(later(a)), outcome: 'replace' },
  {
    title: 'a newer epoch with one domain more',
    stored: setOf(a),
    candidate: setOf(later(a), later(b)),
    outcome: 'replace',
  },
  { title: 'an older epoch', stored: setOf(later(a)), candidate: setOf(a), outcome: 'SHARES_OLDER_EPOCH' },
  { title: 'fewer domains', stored: setOf(a, b), candidate: setOf(a), outcome: 'SHARES_FEWER_DOMAINS' },
  {
    title: 'fewer domains of a newer epoch',
    stored: setOf(a, b),
    candidate: setOf(later(a)),
    outcome: 'SHARES_FEWER_DOMAINS',
  },
  { title: 'another domain instead', stored: setOf(a), candidate: setOf(b), outcome: 'SHARES_FEWER_DOMAINS' },
  {
    title: 'another attempt',
    stored: setOf(a),
    candidate: setOf({ ...a, attempt: 1n }),
    outcome: 'SHARES_OTHER_ATTEMPT',
  },
  {
    title: 'another group key',
    stored: setOf(a),
    candidate: setOf({ ...a, coefficients: [5n, 6n] }),
    outcome: 'SHARES_OTHER_KEY',
  },
  {
    title: 'another group key of a newer epoch',
    stored: setOf(a),
    candidate: setOf({ ...later(a), coefficients: [5n, 6n] }),
    outcome: 'SHARES_OTHER_KEY',
  },
  {
    title: 'another share of the same attempt',
    stored: setOf(a),
    candidate: { epochId: 4n, shares: [storedShare(a, 1)] },
    outcome: 'SHARE_CONFLICT',
  },
  { title: 'an empty set', candidate: { epochId: 4n, shares: [] }, outcome: 'SHARES_INCONSISTENT' },
  { title: 'a domain twice', candidate: setOf(a, a), outcome: 'SHARES_INCONSISTENT' },
  { title: 'mixed epochs', candidate: setOf(a, later(b)), outcome: 'SHARES_INCONSISTENT' },
]

for (const { title, stored, candidate, outcome } of ROWS) {
  test(`replacing shares by ${title} - should be ${outcome}`, (t) => {
    try {
      t.is(checkReplacement(stored, candidate), outcome as 'replace')
    } catch (error) {
      t.true(isHoldfastError(error, outcome), String(error))
      t.regex((error as Error).message, /nothing was changed/)
    }
  })
}

const NEVER_DONE: WriteFileDurably = () => new Promise(() => undefined)
const failing =
  (code: string): WriteFileDurably =>
  async () => {
    throw Object.assign(new Error(`write failed: ${code}`), { code })
  }

async function opened(path: string, write: WriteFileDurably = writeDurably): Promise<KeepShares> {
  return openShareStore(await openShareDirectory(path, write))
}

async function newPath(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'hf-shares-'))
  t.teardown(() => rm(home, { recursive: true }))
  return join(home, 'shares')
}

test('temporary share - should become permanent only when its attempt is concluded', async (t) => {
  const path = await newPath(t)
  const store = await opened(path)
  const superseded = { ...a, attempt: 1n, coefficients: [11n, 12n] }
  await store.storeTemporary(storedShare(superseded))
  await store.storeTemporary(storedShare(a))
  t.deepEqual(await store.promote(keysetOf([b])), [])
  t.is(store.held(4n, keyForDomain(a)), undefined)
  t.deepEqual(await store.promote(keysetOf([a])), [0n])
  t.deepEqual(store.held(4n, keyForDomain(a)), storedShare(a))
  t.is(store.held(4n, keyForDomain(superseded)), undefined)
  t.is(await store.temporary(4n, 0n, 1n), undefined)
  t.deepEqual(await readdir(join(path, 'temporary')), [])
  const reopened = await opened(path)
  t.deepEqual(reopened.all(), [storedShare(a)])
})

test('concluded key with other commitments - should not take the share of the same attempt', async (t) => {
  const store = await opened(await newPath(t))
  await store.storeTemporary(storedShare(a))
  const other = keysetOf([{ ...a, coefficients: [a.coefficients[0] ?? 1n, 42n] }])
  t.deepEqual(await store.promote(other), [])
  t.is(store.all().length, 0)
})

test('second domain - should be added beside the first', async (t) => {
  const store = await opened(await newPath(t))
  for (const key of [b, a]) await store.storeTemporary(storedShare(key))
  await store.promote(keysetOf([b]))
  await store.promote(keysetOf([a, b]))
  t.deepEqual(
    store.all().map(({ share }) => share.domainId),
    [0n, 1n],
  )
})

test('started attempt - should be known again after a restart', async (t) => {
  const path = await newPath(t)
  t.true(await (await opened(path)).markStarted(4n, 0n, 7n))
  t.false(await (await opened(path)).markStarted(4n, 0n, 7n))
})

test('two shares for one attempt - should refuse the second', async (t) => {
  const store = await opened(await newPath(t))
  await store.storeTemporary(storedShare(a))
  await t.notThrowsAsync(store.storeTemporary(storedShare(a)))
  await t.throwsAsync(store.storeTemporary(storedShare(a, 1)), { code: 'SHARE_CONFLICT' })
})

test('import - should store the whole keyset once, and refuse another share of it', async (t) => {
  const path = await newPath(t)
  const store = await opened(path)
  const keyset = keysetOf([a, b])
  await store.importShares(keyset, [shareOf(b, 0), shareOf(a, 0)])
  const { mtimeMs } = await stat(join(path, 'permanent.json'))
  await store.importShares(keyset, [shareOf(a, 0), shareOf(b, 0)])
  t.is((await stat(join(path, 'permanent.json'))).mtimeMs, mtimeMs)
  await t.throwsAsync(store.importShares(keyset, [shareOf(a, 1), shareOf(b, 0)]), { code: 'SHARE_CONFLICT' })
  await t.throwsAsync(store.importShares(keyset, [shareOf(a, 0)]), { code: 'KEYSHARE_MISSING' })
  t.deepEqual((await opened(path)).all(), [storedShare(a), storedShare(b)])
})

test('crash in every step of a write - should leave the old shares or the new ones', async (t) => {
  const path = await newPath(t)
  await (await opened(path)).importShares(keysetOf([a]), [shareOf(a, 0)])
  const permanent = join(path, 'permanent.json')
  const before = await readFile(permanent)

  // Killed before the rename: a temporary file of any length is left beside the old one.
  for (const length of [0, 1, before.length - 1, before.length]) {
    await writeFile(join(path, '.permanent.json.0123456789ab.tmp'), before.subarray(0, length))
    const store = await opened(path)
    t.deepEqual(store.all(), [storedShare(a)])
    t.deepEqual((await readdir(path)).toSorted(), ['permanent.json', 'started', 'temporary'])
  }
  // Killed while the write is under way: memory must not show what the disk does not have.
  const hanging = await opened(path, NEVER_DONE)
  void hanging.importShares(keysetOf([a, b]), [shareOf(a, 0), shareOf(b, 0)])
  await new Promise((resolve) => setImmediate(resolve))
  t.is(hanging.held(4n, keyForDomain(b)), undefined)
  // Killed between the write of the permanent file and the removal of the temporary ones.
  const store = await opened(path)
  await store.storeTemporary(storedShare(b))
  await writeFile(permanent, before)
  const after = await opened(path)
  t.deepEqual(await after.promote(keysetOf([a, b])), [1n])
  t.deepEqual(await (await opened(path)).promote(keysetOf([a, b])), [])
})

for (const [code, expected] of [
  ['ENOSPC', 'DISK_FULL'],
  ['EIO', 'STORAGE_FAILED'],
] as const) {
  test(`write that fails with ${code} - should be ${expected} and change nothing`, async (t) => {
    const path = await newPath(t)
    await (await opened(path)).importShares(keysetOf([a]), [shareOf(a, 0)])
    const store = await opened(path, failing(code))
    await t.throwsAsync(store.storeTemporary(storedShare(b)), { code: expected, message: /nothing was changed/ })
    await t.throwsAsync(store.importShares(keysetOf([a, b]), [shareOf(a, 0), shareOf(b, 0)]), { code: expected })
    await t.throwsAsync(store.markStarted(4n, 1n, 0n), { code: expected })
    t.deepEqual(store.all(), [storedShare(a)])
    t.is(await store.temporary(4n, 1n, 0n), undefined)
  })
}

test('damaged file - should be refused by name and left alone', async (t) => {
  const path = await newPath(t)
  await (await opened(path)).importShares(keysetOf([a]), [shareOf(a, 0)])
  const permanent = join(path, 'permanent.json')
  const whole = await readFile(permanent, 'utf8')
  const secret = Buffer.from(shareOf(a, 0).privateShare).toString('hex')
  for (const damaged of [
    '',
    '{}',
    whole.slice(0, -9),
    whole.replace('"version":1', '"version":2'),
    whole.replace(/"private_share":"../, '"private_share":"zz'),
  ]) {
    await writeFile(permanent, damaged)
    const error = await t.throwsAsync(opened(path), { code: 'SHARES_DAMAGED' })
    t.regex(error?.message ?? '', /permanent\.json/)
    t.false(`${error?.message}${error?.stack}`.includes(secret.slice(2)))
    t.is(await readFile(permanent, 'utf8'), damaged)
  }
})

test('share files - should be readable by their owner alone', async (t) => {
  const path = await newPath(t)
  const store = await opened(path)
  await store.storeTemporary(storedShare(a))
  await store.importShares(keysetOf([b]), [shareOf(b, 0)])
  for (const file of ['permanent.json', 'temporary/4_0_0.json'])
    t.is((await stat(join(path, file))).mode & 0o777, 0o600)
  t.is((await stat(path)).mode & 0o777, 0o700)
})

test('shares on trial - should be destroyed on disk and in memory, across a restart, and only what was not held before', async (t) => {
  const path = await newPath(t)
  const keyset = keysetOf([a, b])
  await (await opened(path)).importShares(keysetOf([a]), [shareOf(a, 0)])
  await (await opened(path)).importOnTrial(keyset, [shareOf(a, 0), shareOf(b, 0)])
  const store = await opened(path)
  const brought = store.held(4n, keyForDomain(b))
  t.deepEqual(brought, storedShare(b))
  t.deepEqual(await store.settleTrial('destroy'), [1n])
  t.is(store.held(4n, keyForDomain(b)), undefined)
  t.deepEqual(brought?.share.privateShare, new Uint8Array(32))
  t.deepEqual((await opened(path)).all(), [storedShare(a)])
  t.deepEqual(await store.settleTrial('destroy'), [], 'nothing is on trial any more')
})

test('shares on trial - should leave nothing behind where there was nothing before', async (t) => {
  const path = await newPath(t)
  const store = await opened(path)
  await store.importOnTrial(keysetOf([a]), [shareOf(a, 0)])
  await store.importOnTrial(keysetOf([a]), [shareOf(a, 0)])
  t.deepEqual(await store.settleTrial('destroy'), [0n])
  t.deepEqual(store.all(), [])
  t.deepEqual((await readdir(path)).toSorted(), ['started', 'temporary'])
  await store.importOnTrial(keysetOf([a]), [shareOf(a, 0)])
  t.deepEqual(store.all(), [storedShare(a)], 'and may come again')
})

test('shares on trial - should be for good once they are kept, or belong to a newer epoch', async (t) => {
  const path = await newPath(t)
  const store = await opened(path)
  await store.importOnTrial(keysetOf([a]), [shareOf(a, 0)])
  t.deepEqual(await store.settleTrial('keep'), [0n])
  t.deepEqual(await (await opened(path)).settleTrial('destroy'), [])
  t.deepEqual(store.all(), [storedShare(a)])
  await store.importOnTrial(keysetOf([later(a)]), [shareOf(later(a), 0)])
  t.deepEqual(await store.settleTrial('destroy'), [0n], 'the older share was of no use any more')
  t.deepEqual((await opened(path)).all(), [])
})

test('shares on trial - should be named on disk before they are there', async (t) => {
  const path = await newPath(t)
  const written: string[] = []
  const store = await opened(path, async (target, content) => {
    written.push(target.slice(path.length + 1))
    if (target.endsWith('permanent.json')) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    await writeDurably(target, content)
  })
  await t.throwsAsync(store.importOnTrial(keysetOf([a]), [shareOf(a, 0)]), { code: 'DISK_FULL' })
  t.deepEqual(written, ['on-trial.json', 'permanent.json'])
  const reopened = await opened(path)
  t.deepEqual(reopened.all(), [])
  t.deepEqual(await reopened.settleTrial('destroy'), [])
})

test('list of shares on trial - should stop the start where it cannot be read', async (t) => {
  const path = await newPath(t)
  await (await opened(path)).importOnTrial(keysetOf([a]), [shareOf(a, 0)])
  for (const text of ['', '{}', '[1]', '["4_0_0"']) {
    await writeFile(join(path, 'on-trial.json'), text)
    await t.throwsAsync(opened(path), { code: 'SHARES_DAMAGED' }, text)
  }
})
