import test from 'ava'
import {
  accountId,
  allowance,
  durationSeconds,
  durationUpTo,
  hex,
  participantUrl,
  publicKey,
  rpcUrls,
  wholeNumber,
} from '../src/options.ts'
import { domains } from '../src/domain-option.ts'

const accepts = test.macro((t, parse: (text: string) => unknown, text: string, value: unknown) => {
  t.deepEqual(parse(text), value)
})
const refuses = test.macro((t, parse: (text: string) => unknown, text: string) => {
  const error = t.throws(() => parse(text), { code: 'commander.invalidArgument' })
  t.regex(error?.message ?? '', /^Expected|twice/)
})

test('durations - should be read in seconds', accepts, durationSeconds, '24h', 86_400)
test('durations - should refuse zero', refuses, durationSeconds, '0s')
test('durations - should refuse a number without a unit', refuses, durationSeconds, '90')
test('durations - should refuse more than the most', refuses, durationUpTo(30), '31d')
test('whole numbers - should be read', accepts, wholeNumber(2, 20), '7', 7)
test('whole numbers - should refuse what is too large', refuses, wholeNumber(2, 20), '21')
test('whole numbers - should refuse a fraction', refuses, wholeNumber(2, 20), '2.5')
test('whole numbers - should refuse words', refuses, wholeNumber(2, 20), 'three')
test('accounts - should be read', accepts, accountId, 'alice.near', 'alice.near')
test('accounts - should refuse upper case', refuses, accountId, 'Alice.near')
test('allowances - should be read in yoctoNEAR', accepts, allowance, '0.25 NEAR', 25n * 10n ** 22n)
test('allowances - should know no limit', accepts, allowance, 'unlimited', undefined)
test('allowances - should refuse a bare number', refuses, allowance, '5')
test('hex - should be read in lower case', accepts, hex, 'AB01', 'ab01')
test('hex - should refuse half a byte', refuses, hex, 'abc')
test('RPC urls - should refuse what is no url', refuses, (text) => rpcUrls(text, undefined), 'rpc.example.org')
test(
  'participant urls - should refuse https, which nodes do not speak',
  refuses,
  participantUrl,
  'https://a.example:3000',
)
test('participant urls - should refuse a missing port', refuses, participantUrl, 'http://a.example')
test('public keys - should refuse another curve', refuses, publicKey, 'secp256k1:abc')
test('domains - should refuse a threshold of one', refuses, (text) => domains(text, undefined), '0:1')
test('domains - should refuse an id given twice', refuses, (text) => domains(text, domains('0:3', undefined)), '0:3')

test('RPC urls - should collect', (t) => {
  t.deepEqual(rpcUrls('https://b.example', ['https://a.example']), ['https://a.example', 'https://b.example'])
})
