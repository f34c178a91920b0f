import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { generateX25519Identity } from 'age-encryption'
import test, { type ExecutionContext } from 'ava'
import { generateAgeIdentity, parseAgeIdentity } from '../src/adapters/age-hybrid.ts'
import { outputOf } from '../src/adapters/identity-command.ts'
import { sealWithPassphrase } from '../src/adapters/passphrase-process.ts'
import { readAgeIdentity } from '../src/age-identity.ts'
import type { AgeIdentityConfig } from '../src/age-identity-config.ts'
import { parseConfig } from '../src/config.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { configOf, temporaryDirectory } from './support/home.ts'

const made = await generateAgeIdentity()
const identity = parseAgeIdentity(made.file, 'made')
const PASSPHRASE = 'SENTINEL correct horse'
const sealed = await sealWithPassphrase(made.file, PASSPHRASE)

type Source = { from: AgeIdentityConfig; prepare(home: string): Promise<unknown>; leaves?: () => void }
const secret = (home: string, name: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(home, name), content, { mode: 0o600 })
const nothing = async (): Promise<void> => undefined

const sources: Record<string, Source> = {
  'a file': {
    from: { kind: 'file', path: 'elsewhere.txt' },
    prepare: (home) => secret(home, 'elsewhere.txt', made.file),
  },
  'a file with a passphrase from a file': {
    from: { kind: 'passphrase', path: 'identity.age', passphrase: { kind: 'file', path: 'passphrase' } },
    async prepare(home) {
      await secret(home, 'identity.age', sealed)
      await secret(home, 'passphrase', `${PASSPHRASE}\n`)
    },
  },
  'a file with a passphrase from the environment': {
    from: {
      kind: 'passphrase',
      path: 'identity.age',
      passphrase: { kind: 'environment', variable: 'TEST_PASSPHRASE' },
    },
    async prepare(home) {
      await secret(home, 'identity.age', sealed)
      process.env['TEST_PASSPHRASE'] = PASSPHRASE
    },
  },
  'the environment': {
    from: { kind: 'environment', variable: 'TEST_IDENTITY' },
    prepare: async () => void (process.env['TEST_IDENTITY'] = made.file),
  },
  'a command': {
    from: { kind: 'command', argv: ['/bin/cat', 'CAT'], deadline_seconds: 30 },
    prepare: (home) => secret(home, 'CAT', made.file),
  },
}

/** A command's argument cannot be relative to a home that is only made now. */
function at(home: string, from: AgeIdentityConfig): AgeIdentityConfig {
  if (from.kind !== 'command') return from
  return { ...from, argv: from.argv.map((text) => (text === 'CAT' ? join(home, text) : text)) }
}

for (const [name, { from, prepare }] of Object.entries(sources)) {
  // The environment is everybody's.
  test.serial(`age identity - should come from ${name}`, async (t) => {
    const home = await temporaryDirectory(t)
    await prepare(home)
    const found = await readAgeIdentity(home, { age_identity: at(home, from) })
    t.is(found.identity, identity)
    t.false(quotes(found.source))
    for (const variable of ['TEST_IDENTITY', 'TEST_PASSPHRASE']) t.is(process.env[variable], undefined, 'not inherited')
  })
}

const classical = await generateX25519Identity()
const quotes = (text: string): boolean =>
  ['SENTINEL', identity, classical].some((secretText) => text.includes(secretText))

async function refused(
  t: ExecutionContext,
  from: AgeIdentityConfig,
  prepare: Source['prepare'],
  code: string,
): Promise<string> {
  const home = await temporaryDirectory(t)
  await prepare(home)
  const error = await t.throwsAsync(readAgeIdentity(home, { age_identity: from }), { code })
  t.false(quotes(inspect(error)), inspect(error))
  return error?.message ?? ''
}

test('age identity - should be refused with a reason, and never quoted', async (t) => {
  const file = { kind: 'file', path: 'f' } as const
  const passphrase = { kind: 'passphrase', path: 'f', passphrase: { kind: 'file', path: 'p' } } as const
  await refused(t, file, nothing, 'KEYS_MISSING')
  await refused(t, file, (home) => secret(home, 'f', `${classical}\n`), 'AGE_IDENTITY_INVALID')
  const exposed = async (home: string) => {
    await secret(home, 'f', made.file)
    await chmod(join(home, 'f'), 0o644)
  }
  await refused(t, file, exposed, 'SECRET_FILE_EXPOSED')
  const wrong = async (home: string) => {
    await secret(home, 'f', sealed)
    await secret(home, 'p', 'SENTINEL wrong')
  }
  t.regex(await refused(t, passphrase, wrong, 'PASSPHRASE_WRONG'), /passphrase is wrong/)
  const plain = async (home: string) => {
    await secret(home, 'f', made.file)
    await secret(home, 'p', PASSPHRASE)
  }
  await refused(t, passphrase, plain, 'PASSPHRASE_WRONG')
  const prompt = { ...passphrase, passphrase: { kind: 'prompt' } } as const
  t.regex(
    await refused(t, prompt, (home) => secret(home, 'f', sealed), 'PASSPHRASE_MISSING'),
    /no terminal.*LoadCredential/,
  )
  await refused(t, { kind: 'environment', variable: 'TEST_NOT_SET' }, nothing, 'KEYS_MISSING')
})

for (const [name, argv, says] of [
  ['fails', ['/bin/sh', '-c', 'echo SENTINEL; echo SENTINEL >&2; exit 3'], /exit code 3/],
  ['hangs, with a child of its own', ['/bin/sh', '-c', 'sleep 600 & sleep 600'], /did not end within/],
  ['prints without end', ['/bin/sh', '-c', 'yes SENTINEL'], /more than 65536 bytes/],
  ['is not there', ['/no/such/program', 'SENTINEL'], /cannot be started \(ENOENT\)/],
] as const) {
  test(`age identity - should say of a command that it ${name}, and leave nothing of it behind`, async (t) => {
    const begun = Date.now()
    const error = await t.throwsAsync(outputOf(argv, 1_500, 'the command'), {
      code: 'IDENTITY_COMMAND_FAILED',
      message: says,
    })
    t.false(inspect(error).includes('SENTINEL'))
    t.true(Date.now() - begun < 60_000)
  })
}

test('init - should make an identity where it was told to, and open nothing without it', async (t) => {
  const home = await temporaryDirectory(t)
  const elsewhere = await temporaryDirectory(t)
  await secret(elsewhere, 'passphrase', PASSPHRASE)
  const path = join(elsewhere, 'new', 'identity.age')
  const age_identity = {
    kind: 'passphrase',
    path,
    passphrase: { kind: 'file', path: join(elsewhere, 'passphrase') },
  } as const
  const first = await initBackupService({ home, config: configOf({ age_identity }) })
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.regex((await readFile(path)).toString('latin1'), /^age-encryption\.org\/v1\n-> scrypt /)
  t.is(first.ageIdentitySource, path)
  const again = await initBackupService({ home, config: configOf({ age_identity }) })
  t.deepEqual({ ...again, age: null }, { ...first, age: null, made: [] })
  t.true(first.ageRecipient.startsWith('age1pq1'))
})

test('config - should refuse a recovery recipient that is not post-quantum, and places that cannot be', (t) => {
  const refusedFor = (changes: object, message: RegExp): void => {
    t.throws(() => parseConfig({ ...configOf(), ...changes }, 'config.json'), { code: 'CONFIG_INVALID', message })
  }
  refusedFor(
    { recovery_recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'] },
    /recovery_recipients\.0.*classical/,
  )
  refusedFor({ recovery_recipients: ['ssh-ed25519 AAAA'] }, /recovery_recipients\.0/)
  refusedFor({ places: [{ kind: 'directory', path: 'a' }] }, /exactly one of/)
  refusedFor({ repository: undefined }, /exactly one of/)
  const two = [
    { kind: 'directory', path: 'a' },
    { kind: 'directory', path: 'a' },
  ]
  refusedFor({ repository: undefined, places: two }, /named twice/)
  refusedFor({ durable_copies: 2 }, /more than there are places/)
  refusedFor({ repository: undefined, places: [{ kind: 'ftp', path: 'a' }] }, /places\.0\.kind/)
  const s3 = { kind: 's3', region: 'r', bucket: 'b-1', credentials: { kind: 'file', path: 'c' } }
  refusedFor(
    { repository: undefined, places: [{ ...s3, secret_access_key: 'SENTINEL' }] },
    /unknown field "places\.0\.secret_access_key"/,
  )
  t.notThrows(() => parseConfig({ ...configOf(), repository: undefined, places: [s3] }, 'config.json'))
  t.notThrows(() => parseConfig({ ...configOf(), recovery_recipients: [made.recipient] }, 'config.json'))
})
