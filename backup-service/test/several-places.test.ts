/**
 * A disk and a real S3 server. Fails if anything that happens to the one harms the other, or goes unsaid, or is not made
 * good once it is back.
 */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import * as S3 from '@aws-sdk/client-s3'
import { goTool } from '../../scripts/go-tools.ts'
import { directoryPlace } from '../src/adapters/directory-place.ts'
import type { Place } from '../src/ports.ts'
import type { Repository } from '../src/repository/repository.ts'
import type { LiveView } from '../src/repository/retention.ts'
import { MemoryFiles } from './support/memory-files.ts'
import { ORDER, repositoryOn } from './support/repository.ts'
import { startS3, type BucketOptions, type S3Server } from './support/s3-server.ts'
import { contentOf, receivedOf, slotFor, small } from './support/stored.ts'

const { older, live } = small
const never = new AbortController().signal
const found = await goTool('versitygw')
const program = found.path ?? ''
const real: typeof test | typeof test.skip = found.path === undefined ? test.skip : test
const why = found.path === undefined ? ` (${found.reason})` : ''

type Pair = { files: MemoryFiles; s3: S3Server; open(copies?: number, s3Place?: Place): Repository }

async function pair(t: ExecutionContext, options: BucketOptions = {}): Promise<Pair> {
  const files = new MemoryFiles()
  const s3 = await startS3(t, program, options)
  const open = (durableCopies = 2, place = s3.place()): Repository =>
    repositoryOn(files, { places: [directoryPlace('disk', 'disk', files), place], durableCopies, deadlineMs: 1_500 })
  return { files, s3, open }
}

async function states(repository: Repository): Promise<Record<string, string>> {
  return Object.fromEntries((await repository.contents()).places.map(({ place, state }) => [place, state]))
}

async function reasonOf(repository: Repository, name: string): Promise<string> {
  return (await repository.contents()).places.find(({ place }) => place === name)?.reason ?? ''
}

real(`a disk and S3 - should both hold every snapshot, and each alone be enough${why}`, async (t) => {
  const { files, s3, open } = await pair(t)
  const stored = await open().store(receivedOf(live), never)
  t.deepEqual(stored.places, ['disk', 's3'])
  t.deepEqual(await states(open()), { disk: 'ok', s3: 'ok' })
  for (const path of files.paths()) if (path.startsWith('disk/')) files.lose(path)
  t.deepEqual(await open().load(stored), contentOf(live), 'from S3')
  s3.wire('cut')
  await t.throwsAsync(open().load(stored), { code: 'SNAPSHOT_DAMAGED', message: /disk: is gone; s3: .*no good answer/ })
  s3.wire('whole')
  await open().maintain(ORDER, never)
  s3.wire('cut')
  t.deepEqual(await open().load(stored), contentOf(live), 'from the disk again')
})

for (const state of ['cut', 'held'] as const) {
  real(`S3 whose wire is ${state} - should hold up nothing, be named, and be made good later${why}`, async (t) => {
    const { s3, open } = await pair(t)
    await open().store(receivedOf(older), never)
    s3.wire(state)
    await t.throwsAsync(open(2).store(receivedOf(live), never), { code: 'NOT_DURABLE', message: /1 of the 2 .*s3: / })
    const stored = await open(1).store(receivedOf(live), never)
    t.deepEqual(stored.places, ['disk'])
    t.deepEqual(await states(open(1)), { disk: 'ok', s3: 'failed' })
    t.regex(await reasonOf(open(1), 's3'), state === 'cut' ? /no good answer/ : /took longer/)
    await open(1).maintain(ORDER, never)
    t.is((await open(1).contents()).snapshots.length, 2)

    s3.wire('whole')
    t.true((await open(1).contents()).needsCare)
    t.deepEqual((await open(1).maintain(ORDER, never)).incidents, [])
    t.deepEqual(await states(open(1)), { disk: 'ok', s3: 'ok' })
    for (const { places } of (await open(1).contents()).snapshots) t.deepEqual(places, ['disk', 's3'])
  })
}

real(`S3 that is killed in the middle - should leave the disk whole${why}`, async (t) => {
  const { s3, open } = await pair(t)
  const storing = open(1).store(receivedOf(live), never)
  await s3.kill()
  const stored = await storing
  t.true(stored.places.includes('disk'))
  t.deepEqual(await open(1).load(stored), contentOf(live))
})

real(`S3 with the wrong secret or bucket - should say which${why}`, async (t) => {
  const { s3, open } = await pair(t)
  const { accessKeyId } = { accessKeyId: 'test-access' }
  const refused = open(1, s3.place({}, { accessKeyId, secretAccessKey: 'SENTINEL-SECRET' }))
  await refused.store(receivedOf(live), never)
  const reason = await reasonOf(refused, 's3')
  t.regex(reason, /not allowed.*check the credentials/)
  t.false(reason.includes('SENTINEL'))
  const nowhere = open(1, s3.place({ bucket: 'no-such-bucket' }))
  await nowhere.maintain(ORDER, never)
  t.regex(await reasonOf(nowhere, 's3'), /no such bucket/)
})

test('S3 without room, or in trouble of its own - should say so', async (t) => {
  for (const [status, code, says] of [
    [507, 'InsufficientStorage', /there is no room left/],
    [500, 'InternalError', /no good answer \(HTTP 500 InternalError\)/],
    [503, 'SlowDown', /no good answer \(HTTP 503 SlowDown\)/],
  ] as const) {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>made up</Message></Error>`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { s3Place } = await import('../src/adapters/s3-place.ts')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const settings = { name: 's3', endpoint, region: 'r', bucket: 'full', prefix: '', forcePathStyle: true }
    const place = s3Place({ ...settings, objectLock: undefined }, async () => ({
      accessKeyId: 'a',
      secretAccessKey: 'SENTINEL-SECRET',
    }))
    const files = new MemoryFiles()
    const places = [directoryPlace('disk', 'disk', files), place]
    const repository = repositoryOn(files, { places, durableCopies: 1 })
    await repository.store(receivedOf(live), never)
    t.regex(await reasonOf(repository, 's3'), says)
    t.deepEqual((await repository.contents()).snapshots[0]?.places, ['disk'])
  }
})

real(
  `S3 with versions - should give back what a thief deleted or wrote over, with no other place left${why}`,
  async (t) => {
    const { files, s3 } = await pair(t, { versioning: true })
    const open = (): Repository => repositoryOn(files, { places: [s3.place()] })
    const stored = await open().store(receivedOf(live), never)
    await s3.client.send(new S3.DeleteObjectCommand({ Bucket: s3.bucket, Key: `a/${stored.key.file}` }))
    await s3.client.send(
      new S3.PutObjectCommand({ Bucket: s3.bucket, Key: `a/${stored.data.file}`, Body: 'something else' }),
    )
    await t.throwsAsync(open().load(stored), { code: 'SNAPSHOT_DAMAGED' })
    const { incidents } = await open().maintain(ORDER, never)
    t.deepEqual(incidents.map(({ kind, mended }) => [kind, mended]).toSorted(), [
      ['file-damaged', true],
      ['file-missing', true],
    ])
    t.deepEqual(await open().load(stored), contentOf(live))
  },
)

const view = (blockTimeMs: number): LiveView => ({
  keyset: live.keyset,
  participantId: 0,
  blockHeight: 1n,
  blockTimeMs,
})

real(`S3 with versions - should keep no version of a key that was destroyed${why}`, async (t) => {
  const { s3, open } = await pair(t, { versioning: true })
  const stored = await open().store(receivedOf(older), never)
  await s3.client.send(new S3.DeleteObjectCommand({ Bucket: s3.bucket, Key: `a/${stored.key.file}` }))
  await open().store(receivedOf(live), never)
  await open().maintain({ ...ORDER, view: view(1_000) }, never)
  const { shredded, unfinished } = await open().maintain({ ...ORDER, view: view(2_000) }, never)
  t.deepEqual([shredded, unfinished], [[slotFor(older)], []])
  const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
    new S3.ListObjectVersionsCommand({ Bucket: s3.bucket, Prefix: `a/${slotFor(older)}` }),
  )
  t.deepEqual([Versions, DeleteMarkers], [[], []])
})

real(`S3 with object lock - should refuse a thief, and say until when a key cannot be destroyed${why}`, async (t) => {
  const { files, s3 } = await pair(t, { lock: true })
  const objectLock = { mode: 'governance', days: 1 } as const
  const open = (): Repository => repositoryOn(files, { places: [s3.place({ objectLock })] })
  const stored = await open().store(receivedOf(older), never)
  const Key = `a/${stored.key.file}`
  const { Versions = [] } = await s3.client.send(new S3.ListObjectVersionsCommand({ Bucket: s3.bucket, Prefix: Key }))
  const [version] = Versions
  await t.throwsAsync(
    s3.client.send(new S3.DeleteObjectCommand({ Bucket: s3.bucket, Key, VersionId: version?.VersionId })),
  )
  await open().store(receivedOf(live), never)
  await open().maintain({ ...ORDER, view: view(1_000) }, never)
  const { shredded, unfinished } = await open().maintain({ ...ORDER, view: view(2_000) }, never)
  t.deepEqual(shredded, [slotFor(older)])
  t.regex(unfinished[0] ?? '', /locked until 20[0-9-]+T.*removed after that/)
  t.deepEqual(
    (await open().contents()).snapshots.map(({ slot }) => slot),
    [slotFor(live)],
    'it counts no longer',
  )
})
