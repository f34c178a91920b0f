import test from 'ava'
import fc from 'fast-check'
import { formatEd25519Key, isEd25519Key, parseEd25519Key } from '../src/near-key.ts'

test('a key - should come back from its text', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (raw) => {
      const text = formatEd25519Key(raw)
      t.true(isEd25519Key(text))
      t.deepEqual(parseEd25519Key(text), raw)
    }),
  )
})

const VALID = 'ed25519:37xV7tsz2qozLebSXwiQeAhqkjUF5anPtzRe52n9u8F1'
for (const [what, text] of Object.entries({
  'another curve': VALID.replace('ed25519', 'secp256k1'),
  'no prefix': VALID.replace('ed25519:', ''),
  'a character less': VALID.slice(0, -2),
  'a character that base58 lacks': VALID.replace('7', '0'),
  'white space around it': ` ${VALID}`,
  'a line end': `${VALID}\n`,
  nothing: '',
})) {
  test(`a key text with ${what} - should be refused, naming what was found`, (t) => {
    t.false(isEd25519Key(text))
    t.throws(() => parseEd25519Key(text, 'TLS key'), { code: 'INVALID_KEY', message: /^invalid TLS key "/ })
  })
}
