import test from 'ava'
import fc from 'fast-check'
import { parseJson, parseStrictJson, stringifyJson, type Json } from '../src/json.ts'

test('an integer beyond 2^53 - should keep all its digits, both ways', (t) => {
  const text = '{"a":18446744073709551615,"b":[-9007199254740993,1],"c":1.5}'
  const json = parseJson(text, 'text') as { a: bigint; b: [bigint, number]; c: number }
  t.deepEqual(json, { a: 2n ** 64n - 1n, b: [-9007199254740993n, 1], c: 1.5 })
  t.is(stringifyJson(json), text)
})

test('any JSON value - should come back as it went', (t) => {
  const number = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }))
  const leaf = fc.oneof(number, fc.string(), fc.boolean(), fc.constant(null))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
  }))
  const plain = (json: unknown) => stringifyJson(json)
  fc.assert(
    fc.property(value, (json) => {
      const text = plain(json)
      t.is(plain(parseJson(text, 'text')), text)
      t.is(plain(parseStrictJson(text, 'text')), text)
    }),
  )
})

test('text that is no JSON - should be refused by its name and length, never quoted', (t) => {
  t.throws(() => parseJson('{', 'the config', 'CONFIG_INVALID'), { code: 'CONFIG_INVALID' })
  const error = t.throws(() => parseJson('{"seed":"aa11', 'the identity'), { code: 'INVALID_JSON' })
  t.is(error.message, 'cannot read the identity: it is not JSON (13 characters)')
})

const twice = test.macro((t, text: string, field: string | undefined) => {
  if (field === undefined) return t.notThrows(() => parseStrictJson(text, 'text'))
  return t.throws(() => parseStrictJson(text, 'text'), {
    code: 'INVALID_JSON',
    message: new RegExp(`"${field}" occurs twice`),
  })
})
test('strict JSON - should refuse a field twice', twice, '{"a":1,"b":2,"a":3}', 'a')
test(
  'strict JSON - should refuse a field twice in a nested object',
  twice,
  '[{"x":{"a":{},"b":[1,{"c":1}],"a":2}}]',
  'a',
)
test('strict JSON - should refuse a field twice though escaped differently', twice, '{"ab":1,"\\u0061b":2}', 'ab')
test('strict JSON - should refuse an empty name twice', twice, '{"":1,"":2}', '')
test('strict JSON - should take one name in several objects', twice, '[{"a":1},{"a":{"a":[{"a":1}]}}]', undefined)
test(
  'strict JSON - should take names and braces within texts',
  twice,
  '{"a":"\\"a\\":{","b":"{\\"b\\":1,\\"b\\":2}"}',
  undefined,
)

for (const text of ['3.0', '1e3', '-0', '0.1', '[1,2,3.0]']) {
  test(`strict JSON - should refuse the number in ${text}`, (t) => {
    t.throws(() => parseStrictJson(text, 'text'), { message: /not written as an integer/ })
  })
}

test('strict JSON - should take integers of any size', (t) => {
  t.deepEqual(parseStrictJson('[0,-1,18446744073709551616]', 'text'), [0, -1, 2n ** 64n] as Json)
})
