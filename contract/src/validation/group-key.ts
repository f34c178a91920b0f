import { toHex } from '../hex.ts'
import type { Cryptography } from '../ports.ts'
import { refuse } from '../refusal.ts'
import type { Curve, PublicKeyExtended } from '../types.ts'
import { show, text } from './arguments.ts'

/**
 * A group key in near text as near/mpc's extended form, and as the hex its first commitment must have. Ed25519: canonical
 * and of prime order. Secp256k1: x and y of a point of the curve, whose order is prime. BLS12-381: length and flags only;
 * no host function looks at its points, so the rest stands on the participants' unanimous vote.
 * @throws Refusal INVALID_PUBLIC_KEY
 */
export function groupKey(
  value: unknown,
  curve: Curve,
  cryptography: Cryptography,
): { key: PublicKeyExtended; hex: string | null } {
  const near = text(value, 'public_key')
  switch (curve) {
    case 'Edwards25519': {
      const bytes = decode(near, 'ed25519:', 32, cryptography)
      if (cryptography.classifyEd25519(bytes) !== 2) {
        refuse('INVALID_PUBLIC_KEY', `public_key must be a point of prime order on Edwards25519, found ${near}`)
      }
      return {
        key: { Ed25519: { near_public_key_compressed: near, edwards_point: Array.from(bytes) } },
        hex: toHex(bytes),
      }
    }
    case 'Secp256k1': {
      const bytes = decode(near, 'secp256k1:', 64, cryptography)
      const compressed = compress(bytes)
      const point = cryptography.secp256k1Point(compressed)
      if (point === null || toHex(point) !== toHex(bytes)) {
        refuse('INVALID_PUBLIC_KEY', `public_key must be a point of secp256k1, found ${near}`)
      }
      return { key: { Secp256k1: { near_public_key: near } }, hex: toHex(compressed) }
    }
    case 'Bls12381': {
      const bytes = decode(near, 'bls12381g2:', 96, cryptography)
      // compressed, not the point at infinity
      if (((bytes[0] as number) & 0xc0) !== 0x80) {
        refuse('INVALID_PUBLIC_KEY', `public_key must be a compressed G2 point other than infinity, found ${near}`)
      }
      return { key: { Bls12381: { public_key: near } }, hex: null }
    }
    default:
      throw new Error(`unknown curve ${curve satisfies never}`)
  }
}

function decode(near: string, prefix: string, length: number, cryptography: Cryptography): Uint8Array {
  const bytes = near.startsWith(prefix) ? cryptography.decodeBase58(near.slice(prefix.length), length) : null
  if (bytes === null) {
    refuse('INVALID_PUBLIC_KEY', `public_key must be ${prefix} and base58 of ${length} bytes, found ${show(near)}`)
  }
  return bytes
}

/** x and y of a point of secp256k1 in SEC1's compressed form. */
function compress(bytes: Uint8Array): Uint8Array {
  const compressed = new Uint8Array(33)
  compressed[0] = 2 + ((bytes[63] as number) & 1)
  compressed.set(bytes.subarray(0, 32), 1)
  return compressed
}

/** The hex that the first commitment to a key must have, null for BLS; for keys that the contract has agreed on. */
export function firstCommitment(key: PublicKeyExtended, cryptography: Cryptography): string | null {
  if ('Ed25519' in key) return toHex(new Uint8Array(key.Ed25519.edwards_point))
  if ('Bls12381' in key) return null
  return toHex(compress(decode(key.Secp256k1.near_public_key, 'secp256k1:', 64, cryptography)))
}

/** The near text of a group key. */
export function groupKeyText(key: PublicKeyExtended): string {
  if ('Ed25519' in key) return key.Ed25519.near_public_key_compressed
  if ('Secp256k1' in key) return key.Secp256k1.near_public_key
  return key.Bls12381.public_key
}
