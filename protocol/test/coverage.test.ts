import test from 'ava'
import { coverage, type StoredKey } from '../src/coverage.ts'
import { keysetWithCommitments } from './support/keyshare-vectors.ts'

const LIVE = keysetWithCommitments()
const [secp, ed] = LIVE.domains
if (secp === undefined || ed === undefined) throw new TypeError('no recorded domains')
const ALL: StoredKey[] = LIVE.domains.map((domain) => ({ epochId: LIVE.epoch_id, domain }))

test('coverage - should be covered by exactly the live keys, in any order and among others', (t) => {
  t.deepEqual(coverage(LIVE, ALL.toReversed()), { kind: 'covered' })
  t.deepEqual(coverage(LIVE, [...ALL, { epochId: 5n, domain: secp }]), { kind: 'covered' })
})

test('coverage - should have nothing to cover without a concluded keyset', (t) => {
  t.deepEqual(coverage(undefined, ALL), { kind: 'no-live-keyset' })
  t.deepEqual(coverage({ epoch_id: 6n, domains: [] }, []), { kind: 'no-live-keyset' })
})

const missing = test.macro((t, change: (stored: StoredKey) => StoredKey) => {
  const stored = ALL.map((key) => (key.domain === ed ? change(key) : key))
  t.deepEqual(coverage(LIVE, stored), { kind: 'missing', domains: [ed] })
})
test('coverage - should miss a key of another epoch', missing, (stored) => ({ ...stored, epochId: 5n }))
test('coverage - should miss a key of a superseded attempt', missing, (stored) => ({
  ...stored,
  domain: { ...ed, attempt: 2n },
}))
test('coverage - should miss a key under another group key', missing, (stored) => ({
  ...stored,
  domain: { ...ed, key: secp.key },
}))
test('coverage - should miss a key with other commitments', missing, (stored) => ({
  ...stored,
  domain: { ...ed, commitments: ed.commitments?.toReversed() ?? null },
}))
test('coverage - should miss a key stored without commitments', missing, (stored) => ({
  ...stored,
  domain: { ...ed, commitments: null },
}))

test('coverage - should name every missing domain in keyset order', (t) => {
  t.deepEqual(coverage(LIVE, ALL.slice(1, 2)), {
    kind: 'missing',
    domains: LIVE.domains.filter((domain) => domain !== ed),
  })
})
