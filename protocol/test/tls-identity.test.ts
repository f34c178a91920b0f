import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { createTlsIdentity } from '../src/tls-identity.ts'
import { fromHex, readVectors } from './support/vectors.ts'

type Leaf = { role: string; seed_hex: string; der_hex: string; public_key_text: string; public_key_hex: string }
const { leaves } = readVectors<{ leaves: Leaf[] }>('near-mpc-wire-tls.json')

for (const leaf of leaves) {
  test(`the ${leaf.role} certificate - should be near/mpc's byte for byte`, (t) => {
    const identity = createTlsIdentity(fromHex(leaf.seed_hex))
    t.is(new X509Certificate(identity.certPem).raw.toString('hex'), leaf.der_hex)
    t.is(identity.publicKeyText as string, leaf.public_key_text)
    t.is(Buffer.from(identity.publicKey).toString('hex'), leaf.public_key_hex)
  })
}

test('a certificate - should be well formed for every serial, those with leading zeros too', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const identity = createTlsIdentity(new Uint8Array(Buffer.from(seed.toString(16).padStart(64, '0'), 'hex')))
    const { raw, serialNumber } = new X509Certificate(identity.certPem)
    t.deepEqual(new X509Certificate(raw).raw, raw)
    t.true(Number.parseInt(serialNumber.padStart(40, '0').slice(0, 2), 16) < 0x80)
  }
})

test('an identity - should be refused for a seed that has not 32 bytes', (t) => {
  t.throws(() => createTlsIdentity(new Uint8Array(31)), { code: 'INVALID_KEY' })
})
