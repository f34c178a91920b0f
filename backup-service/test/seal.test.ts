import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { inspect } from 'node:util'
import test from 'ava'
import type { SealAtRest } from '../src/ports.ts'
import { generateAgeIdentity, parseAgeIdentity, sealWithAge } from '../src/adapters/age-hybrid.ts'
import { plainSeal } from './support/fakes.ts'

const made = await generateAgeIdentity()
const identity = parseAgeIdentity(made.file, 'made.txt')
const age = sealWithAge(identity, 'made.txt')
const adapters: [name: string, seal: SealAtRest][] = [
  ['age', age],
  ['plain', plainSeal],
]

for (const [name, seal] of adapters) {
  test(`${name} seal - should open what it sealed`, async (t) => {
    for (const plaintext of ['', 'shares', '☃'.repeat(70_000)]) {
      t.true((await seal.open(await seal.seal(plaintext))) === plaintext)
    }
  })

  test(`${name} seal - should not open what was cut or changed`, async (t) => {
    const sealed = await seal.seal('shares')
    const code = 'SNAPSHOT_UNDECRYPTABLE'
    for (const part of ['data', 'key'] as const) {
      const whole = Buffer.from(sealed[part])
      for (const changed of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from('x')]), new Uint8Array(0)]) {
        await t.throwsAsync(seal.open({ ...sealed, [part]: changed }), { code }, part)
      }
    }
  })
}

test('age seal - should write age files with post-quantum hybrid stanzas only', async (t) => {
  const offline = await generateAgeIdentity()
  const { data, key } = await sealWithAge(identity, 'made.txt', [offline.recipient]).seal('shares')
  for (const [file, stanzas] of [
    [data, 1],
    [key, 2],
  ] as const) {
    const header = Buffer.from(file).toString('latin1').split('\n---')[0] ?? ''
    t.true(header.startsWith('age-encryption.org/v1\n-> mlkem768x25519 '))
    t.is(header.match(/^-> mlkem768x25519 /gm)?.length, stanzas)
    t.is(header.match(/^-> /gm)?.length, stanzas)
  }
  t.true(made.recipient.startsWith('age1pq1'))
})

test('age seal - should open for a further recipient too, and for nobody without the key', async (t) => {
  const offline = await generateAgeIdentity()
  const sealed = await sealWithAge(identity, 'made.txt', [offline.recipient]).seal('shares')
  t.is(await sealWithAge(parseAgeIdentity(offline.file, 'offline.txt'), 'offline.txt').open(sealed), 'shares')
  const other = await age.seal('shares')
  await t.throwsAsync(age.open({ data: sealed.data, key: other.key }), { code: 'SNAPSHOT_UNDECRYPTABLE' })
  t.is(await age.openDirect(sealed.data).catch((error: { code: string }) => error.code), 'SNAPSHOT_UNDECRYPTABLE')
})

test('age seal - should refuse a classical recipient beside the hybrid one', async (t) => {
  const classicalRecipient = await identityToRecipient(classical)
  await t.throwsAsync(sealWithAge(identity, 'made.txt', [classicalRecipient]).seal('shares'), {
    code: 'AGE_RECIPIENT_INVALID',
    message: /classical/,
  })
})

test('age seal - should not open for another identity', async (t) => {
  const other = parseAgeIdentity((await generateAgeIdentity()).file, 'other.txt')
  const error = await t.throwsAsync(sealWithAge(other, 'other.txt').open(await age.seal('shares')), {
    code: 'SNAPSHOT_UNDECRYPTABLE',
  })
  t.false(inspect(error).includes('AGE-SECRET'))
})

test('age seal - should not open a file that was made for a classical recipient', async (t) => {
  const encrypter = new Encrypter()
  encrypter.setPassphrase('guessable')
  encrypter.setScryptWorkFactor(1)
  await t.throwsAsync(age.openDirect(await encrypter.encrypt('shares')), { code: 'SNAPSHOT_UNDECRYPTABLE' })
})

const classical = await generateX25519Identity()
for (const [title, file] of [
  ['a classical identity', `${classical}\n`],
  ['a classical identity beside the hybrid one', `${identity}\n${classical}\n`],
  ['two identities', `${identity}\n${identity}\n`],
  ['no identity', '# nothing\n'],
  ['a recipient', `${made.recipient}\n`],
] as const) {
  test(`age identity - should be refused for ${title}, and not quoted`, (t) => {
    const error = t.throws(() => parseAgeIdentity(file, 'age-identity.txt'), { code: 'AGE_IDENTITY_INVALID' })
    t.false(inspect(error).includes(classical) || inspect(error).includes(identity))
  })
}

test('age identity - should be refused when it is damaged', async (t) => {
  const damaged = `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`
  await t.throwsAsync(sealWithAge(damaged, 'made.txt').seal('shares'), { code: 'AGE_IDENTITY_INVALID' })
})
