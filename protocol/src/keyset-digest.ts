import { serialize, type Schema } from 'borsh'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Keyset, PublicKeyExtended } from './contract-state.ts'

const SCHEMA: Schema = {
  struct: {
    epoch_id: 'u64',
    domains: { array: { type: { struct: { domain_id: 'u64', attempt: 'u64', key: 'string' } } } },
  },
}

/** A group key in its near text (`ed25519:…`, `secp256k1:…`, `bls12381g2:…`). */
export function publicKeyText(key: PublicKeyExtended): string {
  if ('Ed25519' in key) return key.Ed25519.near_public_key_compressed
  if ('Secp256k1' in key) return key.Secp256k1.near_public_key
  return key.Bls12381.public_key
}

/**
 * `keyset_digest` of protocol.md 2.5: lower-case hex SHA-256 of the borsh encoding of
 * `(epoch_id: u64, domains: Vec<(domain_id: u64, attempt: u64, key: string)>)` in keyset order.
 */
export function keysetDigest(keyset: Keyset): string {
  const domains = keyset.domains.map(({ domain_id, attempt, key }) => ({ domain_id, attempt, key: publicKeyText(key) }))
  return bytesToHex(sha256(serialize(SCHEMA, { epoch_id: keyset.epoch_id, domains })))
}
