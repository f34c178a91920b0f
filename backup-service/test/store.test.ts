import { readdir } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { generateAgeIdentity, parseAgeIdentity, sealWithAge } from '../src/adapters/age-hybrid.ts'
import { nodeFiles } from '../src/adapters/node-files.ts'
import { storeInProcess, type StoreSettings } from '../src/adapters/store-process.ts'
import { createRepository, type Repository } from '../src/repository/repository.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { temporaryDirectory } from './support/home.ts'
import { ALICE, CONTRACT } from './support/views.ts'

const owner = { accountId: ALICE, contractId: CONTRACT }
const ageIdentity = parseAgeIdentity((await generateAgeIdentity()).file, 'made.txt')
const live = dealKeyset()
const genuine = { keyset: live.keyset, participantId: 0, keyshares: serializeKeyshares(live.sharesOf(0)) }
const never = new AbortController().signal

function inThisProcess(settings: StoreSettings): Repository {
  return createRepository(settings.directory, owner, nodeFiles, sealWithAge(settings.ageIdentity, 'made.txt'))
}

type Store = (settings: StoreSettings) => Pick<Repository, 'store' | 'check'>
const adapters: [name: string, store: Store][] = [
  ['this process', inThisProcess],
  ['a process of its own', storeInProcess],
]

async function settingsOf(t: ExecutionContext): Promise<StoreSettings> {
  return { directory: await temporaryDirectory(t), owner, ageIdentity, ageIdentityFile: 'made.txt' }
}

for (const [name, make] of adapters) {
  test.serial(`storing in ${name} - should leave a snapshot that opens again`, async (t) => {
    const settings = await settingsOf(t)
    const stored = await make(settings).store(genuine, never)
    const repository = inThisProcess(settings)
    t.deepEqual((await repository.contents()).snapshots, [stored])
    t.deepEqual((await repository.load(stored)).keyshares, live.sharesOf(0))
    await make(settings).check(stored, never)
    t.is((await readdir(settings.directory)).length, 2)
  })

  test.serial(`storing in ${name} - should refuse by name what is not genuine, and leave nothing`, async (t) => {
    const settings = await settingsOf(t)
    const keyshares = serializeKeyshares(live.sharesOf(1))
    const code = 'KEYSHARE_NOT_ON_POLYNOMIAL'
    await t.throwsAsync(make(settings).store({ ...genuine, keyshares }, never), { code, message: /domain 0/ })
    t.deepEqual(await readdir(settings.directory), [])
  })

  test.serial(`storing in ${name} - should find out that a snapshot opens with another identity only`, async (t) => {
    const settings = await settingsOf(t)
    const stored = await make(settings).store(genuine, never)
    const exchanged = make({
      ...settings,
      ageIdentity: parseAgeIdentity((await generateAgeIdentity()).file, 'new.txt'),
    })
    await t.throwsAsync(exchanged.check(stored, never), { code: 'SNAPSHOT_UNDECRYPTABLE', message: /made\.txt/ })
  })

  test.serial(`storing in ${name} - should not begin once stopped`, async (t) => {
    const settings = await settingsOf(t)
    await t.throwsAsync(make(settings).store(genuine, AbortSignal.abort(new Error('stopped'))), { message: 'stopped' })
    t.deepEqual(await readdir(settings.directory), [])
  })

  test.serial(`storing in ${name} - should name the directory's fault`, async (t) => {
    const settings = await settingsOf(t)
    const store = make({ ...settings, directory: `${settings.directory}/missing` }).store(genuine, never)
    await t.throwsAsync(store, { code: 'REPOSITORY_UNREADABLE', message: /ENOENT/ })
  })
}

test.serial('storing in a process of its own - should stop at once, whole or not at all', async (t) => {
  for (const ms of [0, 150, 300, 450]) {
    const settings = await settingsOf(t)
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(new Error('stopped')), ms)
    const begun = performance.now()
    await storeInProcess(settings)
      .store(genuine, stopping.signal)
      .catch(() => undefined)
    t.true(performance.now() - begun < ms + 2_000)
    const { snapshots, damaged } = await inThisProcess(settings).contents()
    t.deepEqual(damaged, [], `after ${ms} ms`)
    t.true(snapshots.length <= 1)
  }
})
