import test from 'ava'
import { decryptKeyshares, encryptKeyshares } from '../src/keyshare-transport.ts'
import { parseKeyshares } from '../src/keyshare.ts'
import { fromHex, readVectors } from './support/vectors.ts'

type AesVectors = {
  good: { case: string; body_text: string; key_hex: string; plaintext_text: string }[]
  reader: { case: string; accepted: boolean; body_text: string; count: number | null; plaintext_text: string | null }[]
  reader_key_hex: string
}
const vectors = readVectors<AesVectors>('near-mpc-wire-aes-gcm.json')
const KEY = fromHex(vectors.reader_key_hex)

/** Where we refuse what near/mpc's reader takes. */
const STRICTER = new Map([
  ['plaintext: share as array (struct as sequence)', /expected an object/],
  ['plaintext: private_share zero', /zero/],
])

for (const { case: name, body_text, key_hex, plaintext_text } of vectors.good) {
  test(`a recorded body, ${name} - should decrypt`, (t) => {
    t.is(decryptKeyshares(body_text, fromHex(key_hex)), plaintext_text)
  })
  test(`own body, ${name} - should decrypt again, differing each time`, (t) => {
    const key = fromHex(key_hex)
    const bodies = [encryptKeyshares(plaintext_text, key), encryptKeyshares(plaintext_text, key)]
    for (const body of bodies) t.is(decryptKeyshares(body, key), plaintext_text)
    t.not(bodies[0], bodies[1])
    t.is(bodies[0]?.length, body_text.length)
  })
}

test('the reader vectors - should be 43', (t) => t.is(vectors.reader.length, 43))

for (const { case: name, accepted, body_text, count, plaintext_text } of vectors.reader) {
  const stricter = STRICTER.get(name)
  const read = () => parseKeyshares(decryptKeyshares(body_text, KEY), 'the body')
  if (accepted && stricter === undefined) {
    test(`reader: ${name} - should be accepted as near/mpc does`, (t) => {
      t.is<number | null, number | null>(read().length, count)
      t.is<string | null, string | null>(decryptKeyshares(body_text, KEY), plaintext_text)
    })
  } else {
    test(`reader: ${name} - should be refused${accepted ? ', stricter than near/mpc' : ''}`, (t) => {
      t.throws(read, { name: 'HoldfastError', ...(stricter !== undefined && { message: stricter }) })
    })
  }
}

test('a key of 16 bytes - should be refused on both ways', (t) => {
  t.throws(() => encryptKeyshares('[]', new Uint8Array(16)), { code: 'INVALID_KEY' })
  t.throws(() => decryptKeyshares(vectors.good[0]?.body_text ?? '', new Uint8Array(16)), { code: 'INVALID_KEY' })
})

test('another key - should say so without quoting anything', (t) => {
  const body = vectors.good[0]?.body_text ?? ''
  const error = t.throws(() => decryptKeyshares(body, new Uint8Array(32)), { code: 'KEYSHARES_UNDECRYPTABLE' })
  t.false(error.message.includes(body))
})
