import { randomBytes } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'
import { CURVE_FACTS, scalarToBytes, type Curve } from '@holdfast/protocol/curves.ts'
import type { Json } from '@holdfast/protocol/json.ts'

/** A distributed key whose whole polynomial is known. Dealt, for tests only. */
export type DealtKey = {
  curve: Curve
  /** The group key as shares carry it: compressed. */
  publicKey: Uint8Array
  /** The group key as votes name it, such as `ed25519:…`. */
  text: string
  /** The group key as the contract's keyset has it. */
  json: Json
  /** The polynomial's public points, lowest degree first. */
  commitments: Uint8Array[]
  /** The private share of a participant, in the curve's byte order. */
  shareOf(participantId: number): Uint8Array
  /** The same key on another random polynomial, as a resharing makes it. */
  reshare(threshold: number): DealtKey
}

/** Deals a random key: a polynomial with `threshold` coefficients. */
export function dealKey(curve: Curve, threshold: number): DealtKey {
  return keyOf(curve, randomScalar(curve), threshold)
}

function keyOf(curve: Curve, secret: bigint, threshold: number): DealtKey {
  const { order, endianness, multiplyBase, encode } = CURVE_FACTS[curve]
  const coefficients = [secret, ...Array.from({ length: threshold - 1 }, () => randomScalar(curve))]
  const commitments = coefficients.map((coefficient) => encode(multiplyBase(coefficient)))
  const [publicKey] = commitments
  if (publicKey === undefined) throw new RangeError('a polynomial has a coefficient')
  return {
    curve,
    publicKey,
    ...namesOf(curve, publicKey),
    commitments,
    shareOf(participantId) {
      const x = BigInt(participantId) + 1n
      const value = coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % order, 0n)
      return scalarToBytes(value, endianness)
    },
    reshare: (next) => keyOf(curve, secret, next),
  }
}

function namesOf(curve: Curve, publicKey: Uint8Array): { text: string; json: Json } {
  switch (curve) {
    case 'Ed25519': {
      const text = `ed25519:${base58.encode(publicKey)}`
      return { text, json: { Ed25519: { near_public_key_compressed: text, edwards_point: [...publicKey] } } }
    }
    case 'Secp256k1': {
      const text = `secp256k1:${base58.encode(secp256k1.Point.fromBytes(publicKey).toBytes(false).subarray(1))}`
      return { text, json: { Secp256k1: { near_public_key: text } } }
    }
    case 'Bls12381': {
      const text = `bls12381g2:${base58.encode(publicKey)}`
      return { text, json: { Bls12381: { public_key: text } } }
    }
    default:
      curve satisfies never
      throw new TypeError('unknown curve')
  }
}

function randomScalar(curve: Curve): bigint {
  return (BigInt(`0x${randomBytes(40).toString('hex')}`) % (CURVE_FACTS[curve].order - 1n)) + 1n
}
