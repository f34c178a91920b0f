import test from 'ava'
import { groupKey } from '../src/group-key.ts'
import { keysetDigest } from '../src/keyset-digest.ts'
import { DOMAINS, keysetWithCommitments } from './support/keyshare-vectors.ts'

const KEYSET = keysetWithCommitments()

test('group keys of all curves - should be the compressed points that the shares carry', (t) => {
  t.deepEqual(
    KEYSET.domains.map(({ key }) => Buffer.from(groupKey(key).compressed).toString('hex')),
    DOMAINS.map((domain) => domain.group_public_key_hex),
  )
  t.deepEqual(
    KEYSET.domains.map(({ key }) => groupKey(key).curve),
    ['Secp256k1', 'Ed25519', 'Bls12381', 'Secp256k1'],
  )
})

for (const text of ['ed25519:abc', 'secp256k1:13828GmBzcryC8f3vRD3KgcD5Sft6mq5SYyE9j64vpfR', '']) {
  test(`the group key "${text}" - should be refused`, (t) => {
    t.throws(() => groupKey({ Ed25519: { near_public_key_compressed: text } }), { code: 'INVALID_STATE' })
  })
}

test('the keyset digest - should depend on epoch, order, domain, attempt and key, not on commitments', (t) => {
  const digest = keysetDigest(KEYSET)
  t.regex(digest, /^[0-9a-f]{64}$/)
  const [first, ...rest] = KEYSET.domains
  if (first === undefined) return t.fail()
  const others = [
    { ...KEYSET, epoch_id: 7n },
    { ...KEYSET, domains: KEYSET.domains.toReversed() },
    { ...KEYSET, domains: [{ ...first, domain_id: 9n }, ...rest] },
    { ...KEYSET, domains: [{ ...first, attempt: 1n }, ...rest] },
    { ...KEYSET, domains: [{ ...first, key: rest[0]?.key ?? first.key }, ...rest] },
    { ...KEYSET, domains: rest },
  ]
  t.is(new Set([digest, ...others.map(keysetDigest)]).size, 7)
  t.is(keysetDigest({ ...KEYSET, domains: KEYSET.domains.map((domain) => ({ ...domain, commitments: null })) }), digest)
})

test('the keyset digest - should be the SHA-256 of its borsh encoding', async (t) => {
  const { createHash } = await import('node:crypto')
  const [domain] = KEYSET.domains
  if (domain === undefined || !('Secp256k1' in domain.key)) return t.fail()
  const text = Buffer.from(domain.key.Secp256k1.near_public_key)
  const u64 = (value: bigint) => Buffer.from(new BigUint64Array([value]).buffer)
  const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer)
  const encoded = Buffer.concat([u64(6n), u32(1), u64(0n), u64(0n), u32(text.length), text])
  t.is(keysetDigest({ epoch_id: 6n, domains: [domain] }), createHash('sha256').update(encoded).digest('hex'))
})
