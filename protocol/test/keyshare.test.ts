import test from 'ava'
import { parseKeyshares, serializeKeyshares, wipeKeyshares } from '../src/keyshare.ts'
import { stringifyJson } from '../src/json.ts'
import { DOMAINS, PARTICIPANTS, sharesOf, sharesText } from './support/keyshare-vectors.ts'

const ED25519 = sharesText(0)
const SHARE = 'be77785a9cc891cb29e341728a3618348869a2729cbc2a995c924ce209172208'

for (const participantId of PARTICIPANTS) {
  test(`keyshares of participant ${participantId} - should come back as near/mpc wrote them, byte for byte`, (t) => {
    t.is(serializeKeyshares(sharesOf(participantId)), sharesText(participantId))
  })
}

test('keyshares - should keep 64-bit ids digit for digit', (t) => {
  t.deepEqual(
    sharesOf(9).map(({ domainId, attemptId, curve }) => [domainId, attemptId, curve]),
    [
      [0n, 0n, 'Secp256k1'],
      [1n, 3n, 'Ed25519'],
      [2n, 18446744073709551615n, 'Bls12381'],
      [3n, 9007199254740992n, 'Secp256k1'],
    ],
  )
})

test('keyshares - should be written sorted by domain id', (t) => {
  t.is(serializeKeyshares(sharesOf(0).toReversed()), sharesText(0))
})

test('keyshares - should carry the group key', (t) => {
  const keys = sharesOf(4).map(({ publicKey }) => Buffer.from(publicKey).toString('hex'))
  t.deepEqual(
    keys,
    DOMAINS.map((domain) => domain.group_public_key_hex),
  )
})

test('keyshares - should be zero after wiping', (t) => {
  const shares = sharesOf(0)
  wipeKeyshares(shares)
  for (const { privateShare } of shares) t.true(privateShare.every((byte) => byte === 0))
})

const ORDER = {
  Secp256k1: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
  Ed25519: 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010',
  Bls12381: '01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73',
}
const refusals = test.macro((t, share: unknown, place: string, fault: RegExp) => {
  const error = t.throws(() => parseKeyshares(stringifyJson([share]), 'the shares under test'), {
    name: 'HoldfastError',
    message: fault,
  })
  t.true(error.message.includes('the shares under test'))
  t.true(error.message.includes(place), error.message)
})

const KEY_ID = { epoch_id: 6, domain_id: 1, attempt_id: 3 }
function share(curve: string, data: object, keyId: object = KEY_ID) {
  return { key_id: keyId, data: { [curve]: data } }
}
for (const [index, curve] of [
  [0, 'Secp256k1'],
  [1, 'Ed25519'],
  [2, 'Bls12381'],
] as const) {
  const recorded = DOMAINS[index]
  const public_key = recorded?.group_public_key_hex ?? ''
  const data = { private_share: '01'.repeat(32), public_key }
  test(
    `a ${curve} share of zero - should be refused`,
    refusals,
    share(curve, { ...data, private_share: '00'.repeat(32) }),
    `${curve}.private_share`,
    /zero/,
  )
  test(
    `a ${curve} share equal to the order - should be refused`,
    refusals,
    share(curve, { ...data, private_share: ORDER[curve] }),
    `${curve}.private_share`,
    /order/,
  )
  test(
    `a ${curve} share of 31 bytes - should be refused`,
    refusals,
    share(curve, { ...data, private_share: '01'.repeat(31) }),
    `${curve}.private_share`,
    /64 hex/,
  )
  test(
    `a ${curve} group key off the curve - should be refused`,
    refusals,
    share(curve, { ...data, public_key: 'ee'.repeat(public_key.length / 2) }),
    `${curve}.public_key`,
    /not a point|not in the prime-order group/,
  )
  test(
    `a ${curve} group key in another length - should be refused`,
    refusals,
    share(curve, { ...data, public_key: `${public_key}00` }),
    `${curve}.public_key`,
    /hex digits/,
  )
}
test(
  'an Ed25519 identity as group key - should be refused',
  refusals,
  share('Ed25519', { private_share: SHARE, public_key: `01${'00'.repeat(31)}` }),
  'public_key',
  /identity/,
)
test(
  'an Ed25519 group key of order 8 - should be refused',
  refusals,
  share('Ed25519', {
    private_share: SHARE,
    public_key: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  }),
  'public_key',
  /prime-order/,
)
test(
  'a non-canonical Ed25519 group key - should be refused',
  refusals,
  share('Ed25519', { private_share: SHARE, public_key: `ee${'ff'.repeat(30)}7f` }),
  'public_key',
  /not a point/,
)
test(
  'a BLS identity as group key - should be refused',
  refusals,
  share('Bls12381', { private_share: '01'.repeat(32), public_key: `c0${'00'.repeat(95)}` }),
  'public_key',
  /identity|not a point/,
)
test('an unknown curve - should be refused', refusals, share('P256', {}), '[0].data', /Secp256k1, Ed25519, Bls12381/)
test(
  'a share without attempt - should be refused',
  refusals,
  share('Ed25519', {}, { epoch_id: 6, domain_id: 1 }),
  'attempt_id',
  /64-bit/,
)
test(
  'an attempt of 2^64 - should be refused',
  refusals,
  share('Ed25519', {}, { ...KEY_ID, attempt_id: 2n ** 64n }),
  'attempt_id',
  /64-bit/,
)
test(
  'a negative attempt - should be refused',
  refusals,
  share('Ed25519', {}, { ...KEY_ID, attempt_id: -1 }),
  'attempt_id',
  /64-bit/,
)
test(
  'an attempt as text - should be refused',
  refusals,
  share('Ed25519', {}, { ...KEY_ID, attempt_id: '3' }),
  'attempt_id',
  /64-bit/,
)
test(
  'two curves in one share - should be refused',
  refusals,
  { key_id: KEY_ID, data: { Ed25519: {}, Secp256k1: {} } },
  '[0].data',
  /exactly one/,
)

test('a repeated field - should be refused by name', (t) => {
  const text = ED25519.replace('"private_share"', '"private_share":"00","private_share"')
  t.throws(() => parseKeyshares(text, 'shares'), { code: 'INVALID_JSON', message: /"private_share" occurs twice/ })
})

test('refusals - should never quote a private share', (t) => {
  const broken = [
    ED25519.replace('"attempt_id":3', '"attempt_id":3.0'),
    ED25519.replace('"public_key":"00', '"public_key":"ff'),
    ED25519.slice(0, -3),
    ED25519.replaceAll('"Ed25519"', '"ed25519"'),
  ]
  for (const text of broken) {
    const error = t.throws(() => parseKeyshares(text, 'shares'))
    t.false(`${error.message}${error.stack}`.includes(SHARE.slice(0, 12)))
  }
})
