import test from 'ava'
import {
  accountId,
  allowance,
  durationSeconds,
  durationUpTo,
  hex,
  hostAndPort,
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

test('host and port - should take names, IPv4 and IPv6', (t) => {
  t.deepEqual(hostAndPort('node.example.org:8079'), { host: 'node.example.org', port: 8079 })
  t.deepEqual(hostAndPort('10.0.0.7:1'), { host: '10.0.0.7', port: 1 })
  t.deepEqual(hostAndPort('[2001:db8::7]:8079'), { host: '2001:db8::7', port: 8079 })
})
test('host and port - should refuse a scheme', refuses, hostAndPort, 'http://10.0.0.7:8079')
test('host and port - should refuse a missing port', refuses, hostAndPort, 'node.example.org')
test('host and port - should refuse a port beyond the last', refuses, hostAndPort, '10.0.0.7:65536')
test('host and port - should refuse an IPv6 address without brackets', refuses, hostAndPort, '2001:db8::7:8079')
