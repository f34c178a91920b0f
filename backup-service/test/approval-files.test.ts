import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { answerFiles, requestFile } from '../src/approval/adapters/approval-files.ts'
import { answerRequest } from '../src/approval/answer-request.ts'
import { followRequest, type FollowRequest } from '../src/approval/follow-request.ts'
import { homePaths } from '../src/home-paths.ts'
import type { RestoreRequest } from '../src/network/port.ts'
import { temporaryDirectory } from './support/home.ts'
import { key } from './support/views.ts'

const url = 'http://127.0.0.1:3000'

function recovery(tlsPublicKey = key(2), requestedAt = 5n): RestoreRequest {
  const claim = 'recovery'
  return { claim, tlsPublicKey, url, signerKey: key(7), participantId: 0, requestedAt, delivered: null }
}

function follow(home: string, errors: unknown[] = []): FollowRequest {
  const paths = homePaths(home)
  return followRequest({
    policy: { mode: 'hold', minutes: 30 },
    requests: requestFile(paths.restoreRequest),
    answers: answerFiles(paths.restoreAnswers),
    onWriteError: (error) => void errors.push(error),
  })
}

test('request - should be known since its first view, also after a restart', async (t) => {
  const home = await temporaryDirectory(t)
  const first = follow(home)
  t.is(await first.consult(undefined, 1_000), undefined)
  t.is((await first.consult(recovery(), 2_000))?.firstSeenMs, 2_000)
  t.is((await first.consult(recovery(), 3_000))?.firstSeenMs, 2_000)
  t.is((await follow(home).consult(recovery(), 9_000))?.firstSeenMs, 2_000)
  t.is((await stat(homePaths(home).restoreRequest)).mode & 0o777, 0o600)
})

test('request - should begin anew with another destination, another request, or after none', async (t) => {
  const home = await temporaryDirectory(t)
  const service = follow(home)
  await service.consult(recovery(), 1_000)
  t.is((await service.consult(recovery(key(3)), 2_000))?.firstSeenMs, 2_000)
  t.is((await service.consult(recovery(key(3), 6n), 3_000))?.firstSeenMs, 3_000)
  await service.consult(undefined, 4_000)
  t.deepEqual(await readdir(home), [])
  t.is((await service.consult(recovery(key(3), 6n), 5_000))?.firstSeenMs, 5_000)
})

test('a migration - should be told from a later one by when it was first seen, which survives a restart', async (t) => {
  const home = await temporaryDirectory(t)
  const migration: RestoreRequest = {
    claim: 'migration',
    tlsPublicKey: key(2),
    url,
    signerKey: key(7),
    standing: 'open',
  }
  const service = follow(home)
  t.is((await service.consult(migration, 1_000))?.firstSeenMs, 1_000)
  t.is((await service.consult({ ...migration, standing: 'paused' }, 2_000))?.firstSeenMs, 1_000)
  t.is((await service.consult({ ...migration, url: 'http://127.0.0.2:3000' }, 2_500))?.firstSeenMs, 1_000)
  const { answer } = await answerRequest({ home, verdict: 'approved' })
  t.deepEqual(answer, { destination: key(2), requestedAt: 1_000_000_000n, verdict: 'approved' })
  const restarted = follow(home)
  t.is((await restarted.consult(migration, 3_000))?.firstSeenMs, 1_000)
  t.is((await restarted.consult(recovery(key(2), 1_000_000_000n), 3_500))?.firstSeenMs, 3_500)
  await restarted.consult(undefined, 4_000)
  t.is((await restarted.consult(migration, 5_000))?.firstSeenMs, 5_000)
})

test('request - should be read as a recovery where an earlier version wrote it', async (t) => {
  const home = await temporaryDirectory(t)
  await follow(home).consult(recovery(), 1_000)
  const file = homePaths(home).restoreRequest
  const { claim, ...earlier } = JSON.parse(await readFile(file, 'utf8')) as { claim: string }
  t.is(claim, 'recovery')
  await writeFile(file, JSON.stringify(earlier))
  t.is((await follow(home).consult(recovery(), 2_000))?.firstSeenMs, 1_000)
})

test('request - should count as new where what was written of it is torn', async (t) => {
  const home = await temporaryDirectory(t)
  await follow(home).consult(recovery(), 1_000)
  await writeFile(homePaths(home).restoreRequest, '{"format":')
  t.is((await follow(home).consult(recovery(), 2_000))?.firstSeenMs, 2_000)
})

test('request - should be counted in memory and tried again while it cannot be written', async (t) => {
  const home = await temporaryDirectory(t)
  const gone = join(home, 'not-mounted')
  const errors: unknown[] = []
  const service = follow(gone, errors)
  t.is((await service.consult(recovery(), 1_000))?.firstSeenMs, 1_000)
  await mkdir(gone)
  t.is((await service.consult(recovery(), 2_000))?.firstSeenMs, 1_000)
  t.is(errors.length, 1)
  t.is((await follow(gone).consult(recovery(), 3_000))?.firstSeenMs, 1_000)
})

test('answer - should be of exactly the request that the service saw, and be read at once', async (t) => {
  const home = await temporaryDirectory(t)
  const service = follow(home)
  await service.consult(recovery(), 1_000)
  const expected = { destination: key(2), requestedAt: 5n, verdict: 'approved' as const }
  t.deepEqual((await answerRequest({ home, verdict: 'approved' })).answer, expected)
  await answerRequest({ home, verdict: 'approved', destination: key(2) })
  t.deepEqual((await service.consult(recovery(), 2_000))?.answers, { kind: 'read', answers: [expected] })
  const directory = homePaths(home).restoreAnswers
  t.is((await stat(directory)).mode & 0o777, 0o700)
  for (const name of await readdir(directory)) t.is((await stat(join(directory, name))).mode & 0o777, 0o600)
})

test('answer - should not be given where there is no request, or another one', async (t) => {
  const home = await temporaryDirectory(t)
  await t.throwsAsync(answerRequest({ home, verdict: 'approved' }), { code: 'NO_RESTORE_REQUEST' })
  await t.throwsAsync(answerRequest({ home, verdict: 'denied' }), { code: 'NO_RESTORE_REQUEST' })
  await follow(home).consult(recovery(), 1_000)
  await t.throwsAsync(answerRequest({ home, verdict: 'approved', destination: key(3) }), {
    code: 'OTHER_RESTORE_REQUEST',
  })
  await t.throwsAsync(answerRequest({ home: join(home, 'none'), verdict: 'approved' }), { code: 'HOME_UNREADABLE' })
})

test('answer - should be a no for good, also before anybody asked', async (t) => {
  const home = await temporaryDirectory(t)
  await answerRequest({ home, verdict: 'denied', destination: key(2) })
  const service = follow(home)
  const facts = await service.consult(recovery(), 1_000)
  t.deepEqual(facts?.answers, { kind: 'read', answers: [{ destination: key(2), requestedAt: 0n, verdict: 'denied' }] })
  await t.throwsAsync(answerRequest({ home, verdict: 'approved' }), { code: 'RESTORE_DENIED' })
})

const spoiled: [title: string, spoil: (directory: string) => Promise<void>][] = [
  ['the directory is open to others', (directory) => chmod(directory, 0o770)],
  ['a file is open to others', async (directory) => chmod(join(directory, (await readdir(directory))[0] ?? ''), 0o640)],
  ['a file is torn', async (directory) => writeFile(join(directory, (await readdir(directory))[0] ?? ''), '{"form')],
  ['a file of another kind lies there', (directory) => writeFile(join(directory, 'x'), '{}', { mode: 0o600 })],
]
for (const [title, spoil] of spoiled) {
  test(`answer - should count as unreadable, not as none, where ${title}`, async (t) => {
    const home = await temporaryDirectory(t)
    const service = follow(home)
    await service.consult(recovery(), 1_000)
    await answerRequest({ home, verdict: 'denied' })
    const directory = homePaths(home).restoreAnswers
    await spoil(directory)
    t.is((await service.consult(recovery(), 2_000))?.answers.kind, 'unreadable')
    await t.throwsAsync(answerRequest({ home, verdict: 'approved' }), { code: 'ANSWERS_UNREADABLE' })
    await chmod(directory, 0o700)
  })
}
