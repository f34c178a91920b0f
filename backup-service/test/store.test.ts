import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { generateAgeIdentity, parseAgeIdentity } from '../src/adapters/age-hybrid.ts'
import { storeInProcess } from '../src/adapters/store-process.ts'
import { openRepository, repositorySettings, type RepositorySettings } from '../src/repository-settings.ts'
import type { Repository } from '../src/repository/repository.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { configOf, temporaryDirectory } from './support/home.ts'
import { ORDER, TLS_SEED } from './support/repository.ts'

const ageIdentity = parseAgeIdentity((await generateAgeIdentity()).file, 'made.txt')
const live = dealKeyset()
const genuine = { keyset: live.keyset, participantId: 0, keyshares: serializeKeyshares(live.sharesOf(0)) }
const never = new AbortController().signal

type Store = Pick<Repository, 'store' | 'check' | 'maintain'>
const adapters: [name: string, store: (settings: RepositorySettings) => Promise<Store>][] = [
  ['this process', openRepository],
  ['a process of its own', async (settings) => storeInProcess(settings)],
]

async function settingsOf(t: ExecutionContext): Promise<RepositorySettings> {
  const home = await temporaryDirectory(t)
  const keys = { tlsSeed: TLS_SEED, ageIdentity, ageIdentitySource: 'made.txt' }
  await mkdir(join(home, 'repository'))
  return repositorySettings(home, configOf(), keys)
}

const filesOf = ({ home }: RepositorySettings): Promise<string[]> => readdir(join(home, 'repository'))

for (const [name, make] of adapters) {
  test.serial(`storing in ${name} - should leave a snapshot that opens again`, async (t) => {
    const settings = await settingsOf(t)
    const stored = await (await make(settings)).store(genuine, never)
    const repository = await openRepository(settings)
    t.deepEqual((await repository.contents()).snapshots, [stored])
    t.deepEqual((await repository.load(stored)).keyshares, live.sharesOf(0))
    await (await make(settings)).check(stored, never)
    t.like(await (await make(settings)).maintain(ORDER, never), { incidents: [], takenOver: [], shredded: [] })
    t.is((await filesOf(settings)).length, 4)
  })

  test.serial(`storing in ${name} - should refuse by name what is not genuine, and leave nothing`, async (t) => {
    const settings = await settingsOf(t)
    const keyshares = serializeKeyshares(live.sharesOf(1))
    const code = 'KEYSHARE_NOT_ON_POLYNOMIAL'
    await t.throwsAsync((await make(settings)).store({ ...genuine, keyshares }, never), { code, message: /domain 0/ })
    t.deepEqual(await filesOf(settings), [])
  })

  test.serial(`storing in ${name} - should find out that a snapshot opens with another identity only`, async (t) => {
    const settings = await settingsOf(t)
    const stored = await (await make(settings)).store(genuine, never)
    const exchanged = await make({
      ...settings,
      ageIdentity: parseAgeIdentity((await generateAgeIdentity()).file, 'new.txt'),
    })
    await t.throwsAsync(exchanged.check(stored, never), { code: 'SNAPSHOT_UNDECRYPTABLE', message: /made\.txt/ })
  })

  test.serial(`storing in ${name} - should not begin once stopped`, async (t) => {
    const settings = await settingsOf(t)
    await t.throwsAsync((await make(settings)).store(genuine, AbortSignal.abort(new Error('stopped'))), {
      message: 'stopped',
    })
    t.deepEqual(await filesOf(settings), [])
  })

  test.serial(`storing in ${name} - should name the directory's fault`, async (t) => {
    const settings = await settingsOf(t)
    await rm(join(settings.home, 'repository'), { recursive: true })
    await t.throwsAsync((await make(settings)).store(genuine, never), {
      code: 'PLACE_MISSING',
      message: /mount its disk/,
    })
  })
}

test.serial('storing in a process of its own - should stop at once, whole or not at all', async (t) => {
  for (const ms of [0, 150, 300, 450]) {
    const settings = await settingsOf(t)
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(new Error('stopped')), ms)
    await storeInProcess(settings)
      .store(genuine, stopping.signal)
      .catch(() => undefined)
    const repository = await openRepository(settings)
    await repository.maintain(ORDER, never)
    const { snapshots, damaged } = await repository.contents()
    t.deepEqual(damaged, [], `after ${ms} ms`)
    t.true(snapshots.length <= 1)
  }
})
