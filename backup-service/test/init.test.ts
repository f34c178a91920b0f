import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { generateX25519Identity } from 'age-encryption'
import test from 'ava'
import { EXIT_CODES, exitCodeOf, type ExitCode } from '@holdfast/protocol/exit-codes.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { backupStatus } from '../src/backup-status.ts'
import { readConfig } from '../src/config.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { runBackupService } from '../src/run-backup-service.ts'
import { configOf, temporaryDirectory } from './support/home.ts'

const stopped = AbortSignal.abort()

test('init - should make keys for the owner alone, and print what to register', async (t) => {
  const home = join(await temporaryDirectory(t), 'new', 'home')
  const made = await initBackupService({ home, config: configOf() })
  t.regex(made.tlsPublicKey, /^ed25519:/)
  t.regex(made.signerPublicKey, /^ed25519:/)
  t.not(made.tlsPublicKey, made.signerPublicKey)
  t.true(made.ageRecipient.startsWith('age1pq1'))
  t.is(made.made.length, 3)
  for (const name of ['config.json', 'identity.json', 'age-identity.txt']) {
    t.is((await stat(join(home, name))).mode & 0o777, 0o600, name)
  }
  t.is((await stat(join(home, 'repository'))).mode & 0o777, 0o700)
  t.false(inspect(made).includes('SECRET'))
})

test('init - should keep every key when it is repeated, and complete what a crash left out', async (t) => {
  const home = await temporaryDirectory(t)
  const first = await initBackupService({ home, config: configOf() })
  const again = await initBackupService({ home, config: configOf() })
  t.like(again, { tlsPublicKey: first.tlsPublicKey, signerPublicKey: first.signerPublicKey, made: [] })
  t.deepEqual(again.age(), first.age())
  await rm(join(home, 'age-identity.txt'))
  const completed = await initBackupService({ home, config: configOf() })
  t.is(completed.tlsPublicKey, first.tlsPublicKey)
  t.deepEqual(completed.made, [join(home, 'age-identity.txt')])
})

test('init - should not make a new age identity beside snapshots that it could not open', async (t) => {
  const home = await temporaryDirectory(t)
  await initBackupService({ home, config: configOf() })
  await rm(join(home, 'age-identity.txt'))
  await writeFile(join(home, 'repository', 'epoch-1-00.age'), 'x')
  await t.throwsAsync(initBackupService({ home, config: configOf() }), { code: 'AGE_IDENTITY_MISSING' })
  t.false((await readdir(home)).includes('age-identity.txt'))
})

test('init - should not change the config of a home', async (t) => {
  const home = await temporaryDirectory(t)
  await initBackupService({ home, config: configOf() })
  const before = await readFile(join(home, 'config.json'), 'utf8')
  await t.throwsAsync(initBackupService({ home, config: configOf({ account_id: 'bob.near' }) }), {
    code: 'CONFIG_DIFFERS',
  })
  t.is(await readFile(join(home, 'config.json'), 'utf8'), before)
})

test('init - should be repeated whether or not the chain was found out this time, but not for another chain', async (t) => {
  const home = await temporaryDirectory(t)
  await initBackupService({ home, config: configOf({ chain_id: 'testnet' }) })
  await t.notThrowsAsync(initBackupService({ home, config: configOf() }))
  await t.throwsAsync(initBackupService({ home, config: configOf({ chain_id: 'mainnet' }) }), {
    code: 'CONFIG_DIFFERS',
  })
  t.is((await readConfig(join(home, 'config.json'))).chain_id, 'testnet')
})

test('init - should take over the TLS key of another service, again and again, and never replace one by it', async (t) => {
  const home = await temporaryDirectory(t)
  const adopted = { tlsSeed: new Uint8Array(32).fill(5), source: '/var/lib/backup-cli/secrets.json' }
  const first = await initBackupService({ home, config: configOf(), adopted })
  t.is(first.tlsPublicKey, publicKeyOfSeed(adopted.tlsSeed))
  const again = await initBackupService({ home, config: configOf(), adopted })
  t.like(again, { tlsPublicKey: first.tlsPublicKey, signerPublicKey: first.signerPublicKey, made: [] })
  const before = await readFile(join(home, 'identity.json'), 'utf8')
  const other = { ...adopted, tlsSeed: new Uint8Array(32).fill(6) }
  const error = await t.throwsAsync(initBackupService({ home, config: configOf(), adopted: other }), {
    code: 'IDENTITY_DIFFERS',
    message: /secrets\.json.*identity\.json.*choose a new home/,
  })
  t.is(exitCodeOf(error), EXIT_CODES.config)
  t.is(await readFile(join(home, 'identity.json'), 'utf8'), before)
})

test('init - should name what a repetition says otherwise, and know what may not have been found out this time', async (t) => {
  const home = await temporaryDirectory(t)
  await initBackupService({ home, config: configOf() })
  const other = { near_mpc_key_file: 'near-mpc-key', keyshares_port: 1, rpc_urls: ['http://127.0.0.1:2/SENTINEL'] }
  const error = await t.throwsAsync(initBackupService({ home, config: configOf(other) }), {
    code: 'CONFIG_DIFFERS',
    message: /something else about rpc_urls, keyshares_port, near_mpc_key_file; edit/,
  })
  t.false(inspect(error).includes('SENTINEL'))
  const second = await temporaryDirectory(t)
  await initBackupService({ home: second, config: configOf({ near_mpc_key_file: 'near-mpc-key' }) })
  await t.notThrowsAsync(initBackupService({ home: second, config: configOf() }))
})

type Spoil = (home: string) => Promise<unknown>
async function config(home: string, change: (config: Record<string, unknown>) => void): Promise<void> {
  const file = join(home, 'config.json')
  const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(json)
  await writeFile(file, JSON.stringify(json))
}

const SECRET_URL = 'ftp://SENTINEL-API-KEY@host'
const refusals: [title: string, spoil: Spoil, code: string, message: RegExp, exitCode: ExitCode][] = [
  ['no config', (home) => rm(join(home, 'config.json')), 'CONFIG_MISSING', /backup init/, EXIT_CODES.config],
  [
    'a config that is not JSON',
    (home) => writeFile(join(home, 'config.json'), '{'),
    'CONFIG_INVALID',
    /config\.json/,
    EXIT_CODES.config,
  ],
  [
    'an unknown field',
    (home) => config(home, (c) => (c['rpc_url'] = 'x')),
    'CONFIG_INVALID',
    /unknown field "rpc_url"/,
    EXIT_CODES.config,
  ],
  [
    'a missing field',
    (home) => config(home, (c) => delete c['rpc_quorum']),
    'CONFIG_INVALID',
    /missing field "rpc_quorum"/,
    EXIT_CODES.config,
  ],
  [
    'a wrong type',
    (home) => config(home, (c) => (c['keyshares_port'] = '8079')),
    'CONFIG_INVALID',
    /"keyshares_port"/,
    EXIT_CODES.config,
  ],
  [
    'a zero interval',
    (home) => config(home, (c) => (c['poll_interval_ms'] = 0)),
    'CONFIG_INVALID',
    /"poll_interval_ms"/,
    EXIT_CODES.config,
  ],
  [
    'an endpoint that is no URL',
    (home) => config(home, (c) => (c['rpc_urls'] = [SECRET_URL])),
    'CONFIG_INVALID',
    /"rpc_urls\.0"/,
    EXIT_CODES.config,
  ],
  [
    'a quorum beyond the endpoints',
    (home) => config(home, (c) => (c['rpc_quorum'] = 2)),
    'CONFIG_INVALID',
    /: field "rpc_quorum": .*2 with 1 endpoint is more than there are/,
    EXIT_CODES.config,
  ],
  [
    'a quorum that a minority could form',
    (home) => config(home, (c) => Object.assign(c, { rpc_urls: ['http://a', 'http://b', 'http://c'], rpc_quorum: 1 })),
    'CONFIG_INVALID',
    /field "rpc_quorum": .*no majority.*expected 2 to 3; .*name more endpoints/,
    EXIT_CODES.config,
  ],
  ['no keys', (home) => rm(join(home, 'identity.json')), 'KEYS_MISSING', /backup init/, EXIT_CODES.noKeys],
  [
    'keys that are not JSON',
    (home) => writeFile(join(home, 'identity.json'), '{'),
    'IDENTITY_INVALID',
    /identity\.json/,
    EXIT_CODES.noKeys,
  ],
  [
    'keys cut short',
    (home) => writeFile(join(home, 'identity.json'), '{"tls_seed":"00"}'),
    'IDENTITY_INVALID',
    /identity\.json/,
    EXIT_CODES.noKeys,
  ],
  [
    'keys that others may read',
    (home) => chmod(join(home, 'identity.json'), 0o644),
    'SECRET_FILE_EXPOSED',
    /chmod 600/,
    EXIT_CODES.storage,
  ],
  [
    'no age identity',
    (home) => rm(join(home, 'age-identity.txt')),
    'KEYS_MISSING',
    /age-identity\.txt/,
    EXIT_CODES.noKeys,
  ],
  [
    'a classical age identity',
    async (home) => writeFile(join(home, 'age-identity.txt'), await generateX25519Identity()),
    'AGE_IDENTITY_INVALID',
    /post-quantum/,
    EXIT_CODES.noKeys,
  ],
  [
    'no repository',
    (home) => rm(join(home, 'repository'), { recursive: true }),
    'REPOSITORY_UNREADABLE',
    /mount/,
    EXIT_CODES.storage,
  ],
  [
    'a file for a repository',
    async (home) => {
      await rm(join(home, 'repository'), { recursive: true })
      await writeFile(join(home, 'repository'), '')
    },
    'REPOSITORY_UNREADABLE',
    /ENOTDIR/,
    EXIT_CODES.storage,
  ],
  [
    'a near/mpc key of another length',
    async (home) => {
      await writeFile(join(home, 'key'), 'ab'.repeat(16), { mode: 0o600 })
      await config(home, (c) => (c['near_mpc_key_file'] = 'key'))
    },
    'NEAR_MPC_KEY_INVALID',
    /64 hex digits/,
    EXIT_CODES.config,
  ],
  [
    'no near/mpc key file',
    (home) => config(home, (c) => (c['near_mpc_key_file'] = 'key')),
    'SECRET_FILE_MISSING',
    /key/,
    EXIT_CODES.noKeys,
  ],
]

for (const [title, spoil, code, message, exitCode] of refusals) {
  test(`run - should refuse to start with ${title}`, async (t) => {
    const home = await temporaryDirectory(t)
    await initBackupService({ home, config: configOf() })
    await spoil(home)
    const run = runBackupService({ home, signal: stopped, log: silentLogger })
    const error = await t.throwsAsync(run, { code, message })
    t.is(exitCodeOf(error), exitCode)
    t.false(inspect(error).includes('SENTINEL'))
  })
}

test('status - should say where nothing ran yet', async (t) => {
  const home = await temporaryDirectory(t)
  const none = await t.throwsAsync(backupStatus(home), { code: 'HOME_MISSING', message: /backup init/ })
  t.is(exitCodeOf(none), EXIT_CODES.config)
  await initBackupService({ home, config: configOf() })
  const error = await t.throwsAsync(backupStatus(home), { code: 'STATUS_MISSING', message: /backup run --home \S+$/ })
  t.is(exitCodeOf(error), EXIT_CODES.checkFailed)
  await writeFile(join(home, 'status.json'), '{}')
  await t.throwsAsync(backupStatus(home), { code: 'STATUS_INVALID' })
})
