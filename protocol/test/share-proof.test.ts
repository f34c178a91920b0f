import test from 'ava'
import type { Keyset } from '../src/contract-state.ts'
import type { Keyshare } from '../src/keyshare.ts'
import { proveKeyshares } from '../src/share-proof.ts'
import { keysetWithCommitments, PARTICIPANTS, sharesOf } from './support/keyshare-vectors.ts'

const KEYSET = keysetWithCommitments()

for (const participantId of PARTICIPANTS) {
  test(`shares of participant ${participantId} - should be genuine, those of BLS match the group key`, (t) => {
    t.deepEqual(proveKeyshares(sharesOf(participantId), KEYSET, participantId), [
      { domainId: 0n, verdict: 'genuine' },
      { domainId: 1n, verdict: 'genuine' },
      { domainId: 2n, verdict: 'matches-group-key' },
      { domainId: 3n, verdict: 'genuine' },
    ])
  })
}

test('shares - should be proved in any order', (t) => {
  t.is(proveKeyshares(sharesOf(0).toReversed(), KEYSET, 0).length, 4)
})

test('shares without commitments on chain - should match the group key at most', (t) => {
  const keyset = { ...KEYSET, domains: KEYSET.domains.map((domain) => ({ ...domain, commitments: null })) }
  t.true(proveKeyshares(sharesOf(0), keyset, 0).every(({ verdict }) => verdict === 'matches-group-key'))
})

test("another participant's shares - should be refused, which near/mpc does not", (t) => {
  for (const other of PARTICIPANTS.slice(1)) {
    const error = t.throws(() => proveKeyshares(sharesOf(other), KEYSET, 0), { code: 'KEYSHARE_NOT_ON_POLYNOMIAL' })
    t.regex(error.message, /domain 0.*participant 0/)
  }
})

const refusal = test.macro((t, code: string, message: RegExp, shares: Keyshare[], keyset: Keyset = KEYSET) => {
  t.throws(() => proveKeyshares(shares, keyset, 0), { code, message })
})

function changed(index: number, change: Partial<Keyshare>): Keyshare[] {
  return sharesOf(0).map((share, at) => (at === index ? { ...share, ...change } : share))
}
const ONE_LESS = { ...KEYSET, domains: KEYSET.domains.slice(1) }
const [first, second] = sharesOf(0)
if (first === undefined || second === undefined) throw new TypeError('no recorded shares')
const offByOne = Uint8Array.from(second.privateShare)
offByOne[0] = (offByOne[0] ?? 0) ^ 1

test(
  'a share changed by one bit - should be refused',
  refusal,
  'KEYSHARE_NOT_ON_POLYNOMIAL',
  /domain 1/,
  changed(1, { privateShare: offByOne }),
)
test(
  'a share of another epoch - should be refused',
  refusal,
  'KEYSHARE_WRONG_EPOCH',
  /domain 1: found epoch 7, expected epoch 6/,
  changed(1, { epochId: 7n }),
)
test(
  'a share of another attempt - should be refused',
  refusal,
  'KEYSHARE_WRONG_ATTEMPT',
  /domain 2: found attempt 0, expected attempt 18446744073709551615/,
  changed(2, { attemptId: 0n }),
)
test(
  'a share of another domain - should be refused',
  refusal,
  'KEYSHARE_WRONG_DOMAIN',
  /found domain 8, expected domain 1/,
  changed(1, { domainId: 8n }),
)
test(
  'a share under another group key - should be refused',
  refusal,
  'KEYSHARE_WRONG_KEY',
  /domain 0.*expected secp256k1:/,
  changed(0, { publicKey: sharesOf(0)[3]?.publicKey ?? new Uint8Array() }),
)
test(
  'a share of another curve - should be refused',
  refusal,
  'KEYSHARE_WRONG_KEY',
  /domain 0.*Ed25519/,
  changed(0, { curve: 'Ed25519', publicKey: second.publicKey }),
)
test(
  'a missing share - should be refused',
  refusal,
  'KEYSHARE_MISSING',
  /domain 3 is missing: found domain 0, 1, 2/,
  sharesOf(0).slice(0, 3),
)
test('no shares at all - should be refused', refusal, 'KEYSHARE_MISSING', /domain 0 is missing: found domain none/, [])
test(
  'a share too many - should be refused',
  refusal,
  'KEYSHARE_EXTRA',
  /a share of domain 0, expected only domain 1, 2, 3/,
  sharesOf(0),
  ONE_LESS,
)
test('a share sent twice - should be refused', refusal, 'KEYSHARE_DUPLICATE', /domain 0: found two shares/, [
  first,
  ...sharesOf(0),
])
test(
  'a share of zero modulo a forged point - should be refused',
  refusal,
  'INVALID_STATE',
  /first commitment/,
  sharesOf(0),
  withCommitments(0, (texts) => texts.toReversed()),
)
test(
  'a commitment that is no point - should be refused',
  refusal,
  'INVALID_STATE',
  /is not a point/,
  sharesOf(0),
  withCommitments(0, ([key]) => [key ?? '', 'ff'.repeat(33)]),
)
test(
  'commitments of another polynomial - should be refused',
  refusal,
  'KEYSHARE_NOT_ON_POLYNOMIAL',
  /domain 1/,
  sharesOf(0),
  withCommitments(1, ([key, a]) => [key ?? '', a ?? '', a ?? '']),
)
test(
  'too few commitments - should be refused',
  refusal,
  'KEYSHARE_NOT_ON_POLYNOMIAL',
  /domain 1/,
  sharesOf(0),
  withCommitments(1, (texts) => texts.slice(0, 2)),
)

function withCommitments(index: number, change: (texts: string[]) => string[]): Keyset {
  const domains = KEYSET.domains.map((domain, at) =>
    at === index ? { ...domain, commitments: change(domain.commitments ?? []) } : domain,
  )
  return { ...KEYSET, domains }
}

test('refusals - should never quote a private share', (t) => {
  const error = t.throws(() => proveKeyshares(sharesOf(1), KEYSET, 0))
  for (const share of sharesOf(1)) {
    t.false(error.message.includes(Buffer.from(share.privateShare).toString('hex').slice(0, 12)))
  }
})
