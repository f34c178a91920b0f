import { Encrypter, generateX25519Identity } from 'age-encryption'
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
    const sealed = Buffer.from(await seal.seal('shares'))
    await t.throwsAsync(seal.open(sealed.subarray(0, -1)), { code: 'SNAPSHOT_UNDECRYPTABLE' })
    await t.throwsAsync(seal.open(Buffer.concat([sealed, Buffer.from('x')])), { code: 'SNAPSHOT_UNDECRYPTABLE' })
    await t.throwsAsync(seal.open(new Uint8Array(0)), { code: 'SNAPSHOT_UNDECRYPTABLE' })
  })
}

test('age seal - should write an age file with one post-quantum hybrid stanza', async (t) => {
  const header =
    Buffer.from(await age.seal('shares'))
      .toString('latin1')
      .split('\n---')[0] ?? ''
  t.true(header.startsWith('age-encryption.org/v1\n-> mlkem768x25519 '))
  t.is(header.match(/^-> /gm)?.length, 1)
  t.true(made.recipient.startsWith('age1pq1'))
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
  await t.throwsAsync(age.open(await encrypter.encrypt('shares')), { code: 'SNAPSHOT_UNDECRYPTABLE' })
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
