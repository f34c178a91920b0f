/**
 * docs/restore-by-hand.md, as a reader would do it, with stock age and openssl. Fails if a command fails on a good
 * repository, if the shares that come out are not those that went in, or if a repository that was changed passes.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { parseKeyshares } from '@holdfast/protocol/keyshare.ts'
import { goTool } from '../../scripts/go-tools.ts'
import { generateAgeIdentity, parseAgeIdentity } from '../src/adapters/age-hybrid.ts'
import { openRepository, repositorySettings } from '../src/repository-settings.ts'
import { repositoryOfHome } from '../src/repository-of-home.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { parseContent } from '../src/repository/snapshot-content.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { configOf, temporaryDirectory } from './support/home.ts'
import { OWNER, TLS_SEED } from './support/repository.ts'
import { receivedOf } from './support/stored.ts'

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'restore-by-hand.md')
const never = new AbortController().signal
const age = await goTool('age')
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const missing = age.path === undefined ? age.reason : hasOpenssl ? undefined : 'openssl is not installed'
const real: typeof test | typeof test.skip = missing === undefined ? test : test.skip
const why = missing === undefined ? '' : ` (${missing})`

const own = await generateAgeIdentity()
const offline = await generateAgeIdentity()
const older = dealKeyset({ epochId: 4n })
const live = dealKeyset({ domains: ['Ed25519', 'Secp256k1'] })

/** What a reader starts with, from the real repository of a home. */
async function reader(t: ExecutionContext): Promise<string> {
  const home = await temporaryDirectory(t)
  const directory = await temporaryDirectory(t)
  await mkdir(join(home, 'repository'))
  const config = configOf({ recovery_recipients: [offline.recipient] })
  const keys = { tlsSeed: TLS_SEED, ageIdentity: parseAgeIdentity(own.file, 'own'), ageIdentitySource: 'own' }
  const repository = await openRepository(repositorySettings(home, config, keys))
  for (const dealt of [older, live]) await repository.store(receivedOf(dealt), never)
  await cp(join(home, 'repository'), join(directory, 'repository'), { recursive: true })
  await symlink(age.path ?? '', join(directory, 'age'))
  await writeFile(join(directory, 'age-identity.txt'), own.file, { mode: 0o600 })
  return directory
}

async function follow(directory: string): Promise<{ code: number | null; said: string }> {
  const page = await readFile(PAGE, 'utf8')
  const commands = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, script]) => script)
  const shell = spawn('bash', ['-c', `set -e -o pipefail\n${commands.join('\n')}`], {
    cwd: directory,
    env: { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, complaint] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
  return { code: shell.exitCode, said: `${said}${complaint}` }
}

async function requireShares(t: ExecutionContext, directory: string): Promise<void> {
  const { code, said } = await follow(directory)
  t.is(code, 0, said)
  const shares = await readFile(join(directory, 'shares.json'), 'utf8')
  t.deepEqual(parseContent(OWNER, shares, 'shares.json').keyshares, live.sharesOf(0))
  t.deepEqual(parseKeyshares(JSON.stringify((JSON.parse(shares) as { keyshares: unknown }).keyshares), 'x').length, 2)
  t.deepEqual((await readdir(directory)).includes('work'), false, 'nothing in clear is left but what was asked for')
  t.regex(said, /"epoch_id": 5/)
}

real(`docs/restore-by-hand.md - should be true, command by command${why}`, async (t) => {
  await requireShares(t, await reader(t))
})

real(`docs/restore-by-hand.md - should be true for a recovery recipient's key${why}`, async (t) => {
  const directory = await reader(t)
  await writeFile(join(directory, 'age-identity.txt'), offline.file, { mode: 0o600 })
  await requireShares(t, directory)
})

const changes: [title: string, name: RegExp, change: (content: string) => string | undefined, says: RegExp][] = [
  [
    'a changed manifest',
    /^manifest-.*-00000001-/,
    (text) => text.replace('alice.near', 'bobby.near'),
    /Signature Verification Failure/,
  ],
  ['a removed first manifest', /^manifest-.*-00000001-/, () => undefined, /a manifest before .* is missing/],
  ['a removed last manifest', /^manifest-.*-00000002-/, () => undefined, /the newest manifest is missing/],
  [
    'a changed head',
    /^head-/,
    (text) => text.replace('"sequence": 2', '"sequence": 1'),
    /Signature Verification Failure/,
  ],
  ['a changed snapshot', /^epoch-5-[0-9a-f]{32}\.[0-9a-f]{8}\.age$/, (text) => `${text}x`, /FAILED/],
  ['a changed key', /^epoch-5-.*\.key\.age$/, (text) => `${text}x`, /FAILED/],
]
for (const [title, name, change, says] of changes) {
  real(`docs/restore-by-hand.md - should stop at ${title}${why}`, async (t) => {
    const directory = await reader(t)
    const found = (await readdir(join(directory, 'repository'))).find((file) => name.test(file)) ?? ''
    const path = join(directory, 'repository', found)
    const content = change((await readFile(path)).toString('latin1'))
    if (content === undefined) await rm(path)
    else await writeFile(path, content, 'latin1')
    const { code, said } = await follow(directory)
    t.not(code, 0)
    t.regex(said, says)
    t.false((await readdir(directory)).includes('shares.json'))
  })
}

real(`an export - should be restored by hand like the original${why}`, async (t) => {
  const home = await temporaryDirectory(t)
  const config = configOf({ age_identity: { kind: 'file', path: 'age-identity.txt' } })
  await initBackupService({ home, config })
  const { tls_seed } = JSON.parse(await readFile(join(home, 'identity.json'), 'utf8')) as { tls_seed: string }
  const ageFile = join(home, 'age-identity.txt')
  const ageIdentity = parseAgeIdentity(await readFile(ageFile, 'utf8'), ageFile)
  const keys = { tlsSeed: Buffer.from(tls_seed, 'hex'), ageIdentity, ageIdentitySource: ageFile }
  const repository = await openRepository(repositorySettings(home, config, keys))
  for (const dealt of [older, live]) await repository.store(receivedOf(dealt), never)

  const directory = await temporaryDirectory(t)
  const to = join(directory, 'repository')
  const seen: number[] = []
  const exported = await (await repositoryOfHome(home)).exportTo(to, (done) => seen.push(done), never)
  t.deepEqual(exported, { directory: to, files: 7, snapshots: 2 })
  t.is(seen.length, 7)
  await t.throwsAsync(
    (await repositoryOfHome(home)).exportTo(to, () => undefined, never),
    { code: 'EXPORT_EXISTS' },
  )
  t.deepEqual(await readdir(directory), ['repository'])
  await cp(ageFile, join(directory, 'age-identity.txt'))
  await symlink(age.path ?? '', join(directory, 'age'))
  await requireShares(t, directory)
})
