import { ed25519 } from '@noble/curves/ed25519.js'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'

/** Throw-away keys that are the same in every run: number n's public key in near text. */
export function ed25519Key(n: number): string {
  return `ed25519:${base58.encode(ed25519.Point.BASE.multiply(BigInt(n) + 1n).toBytes())}`
}

export interface GroupKey {
  public_key: string
  commitments: string[] | null
}

/** A group key and the t commitments of a made-up polynomial, as the nodes would vote for them. */
export function frostKey(t: number, seed = 1): GroupKey {
  const points = Array.from({ length: t }, (_, i) => ed25519.Point.BASE.multiply(BigInt(seed * 1000 + i + 1)))
  return {
    public_key: `ed25519:${base58.encode((points[0] as (typeof points)[number]).toBytes())}`,
    commitments: points.map((point) => point.toHex()),
  }
}

export function caitSithKey(t: number, seed = 1): GroupKey {
  const points = Array.from({ length: t }, (_, i) => secp256k1.Point.BASE.multiply(BigInt(seed * 1000 + i + 1)))
  const [first] = points as [(typeof points)[number]]
  return {
    public_key: `secp256k1:${base58.encode(first.toBytes(false).subarray(1))}`,
    commitments: points.map((point) => point.toHex(true)),
  }
}

export function blsKey(seed = 1): GroupKey {
  const point = bls12_381.G2.Point.BASE.multiply(BigInt(seed * 1000 + 1))
  return { public_key: `bls12381g2:${base58.encode(point.toBytes(true))}`, commitments: null }
}

export function groupKey(protocol: string, t: number, seed = 1): GroupKey {
  if (protocol === 'Frost') return frostKey(t, seed)
  return protocol === 'ConfidentialKeyDerivation' ? blsKey(seed) : caitSithKey(t, seed)
}
