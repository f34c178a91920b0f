import test from 'ava'
import fc from 'fast-check'
import { parseExactly, writeJson } from '../src/json.ts'
import { Ledger } from '../src/ledger.ts'
import { stateText } from '../src/state-view.ts'
import { increment, toU64, u64Bytes } from '../src/u64.ts'
import { searchJson } from './support/search-json.ts'
import { fresh } from './support/world.ts'

test('json - should keep integers above 2^53 in arguments and in state', (t) => {
  const text =
    '{"a":18446744073709551615,"b":[9007199254740993,1],"c":"18446744073709551615","d":-12345678901234567890}'
  const value = parseExactly(text)
  t.deepEqual(value, {
    a: 18446744073709551615n,
    b: [9007199254740993n, 1],
    c: '18446744073709551615',
    d: -12345678901234567890n,
  })
  t.is(writeJson(value), text)
})

test('json - should leave texts alone that look like its own marks', (t) => {
  for (const value of [
    '\u0000n12x',
    '\u0000n12',
    '\u0000t',
    '\\',
    '"',
    '1234567890123456789',
    '\\"1234567890123456789',
  ]) {
    t.is(parseExactly(JSON.stringify(value)), value)
    t.deepEqual(parseExactly(JSON.stringify({ [value]: value })), { [value]: value })
  }
})

test('json - should take no digits of a fraction or an exponent for an integer', (t) => {
  for (const number of ['0.12345678901234567', '-1.5e1234567890123456', '1e+1234567890123456', '1234567890123456.7']) {
    t.deepEqual(parseExactly(`{"a":${number},"b":12345678901234567}`), {
      a: Number(number),
      b: 12345678901234567n,
    })
  }
})

test('json - should read what JSON.parse reads wherever numbers are exact', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
      const text = JSON.stringify(value)
      const hasLong = /\d{16}/.test(text)
      return hasLong || JSON.stringify(parseExactly(text)) === JSON.stringify(JSON.parse(text))
    }),
    { numRuns: 200 },
  )
  t.pass()
})

test('state - should keep integers above 2^53 from storage to view', (t) => {
  const world = fresh()
  const ledger = world.ledger()
  ledger.keyset.write({ epoch_id: 18446744073709551615n, domains: [] })
  ledger.core.write({ ...ledger.core.read(), participants_revision: 9007199254740993n })
  ledger.save()
  t.is(world.ledger().keyset.read().epoch_id, 18446744073709551615n)
  t.regex(stateText(world.ledger()), /"epoch_id":18446744073709551615,.*"participants_revision":9007199254740993\}/)
  t.is(
    new Ledger({
      ...searchJson,
      read: (key) => world.storage.get(key) ?? null,
      write: () => undefined,
      remove: () => undefined,
    }).core.read().participants_revision,
    9007199254740993n,
  )
})

test('u64 - should have one form for every value', (t) => {
  t.is(toU64(5n), 5)
  t.is(toU64(2n ** 64n - 1n), 18446744073709551615n)
  for (const value of [2n ** 64n, -1n, -1, 1.5, Number.NaN, 2 ** 53, '5', null, undefined, {}]) t.is(toU64(value), null)
  t.is(increment(Number.MAX_SAFE_INTEGER), 9007199254740992n)
  t.is(increment(41), 42)
  t.deepEqual(u64Bytes(0x0102030405060708n), [8, 7, 6, 5, 4, 3, 2, 1])
  t.deepEqual(u64Bytes(0xfffefdfc), [0xfc, 0xfd, 0xfe, 0xff, 0, 0, 0, 0])
  t.deepEqual(u64Bytes(2 ** 32 + 1), [1, 0, 0, 0, 1, 0, 0, 0])
})
