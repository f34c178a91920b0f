import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'
import { randomBytes } from 'node:crypto'
import { parseKeyset, type Keyset } from '@holdfast/protocol/contract-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'

/** A keyset as the contract writes it, and what each participant holds of it. Dealt, for tests only. */
export type DealtKeyset = { json: Json; keyset: Keyset; sharesOf(participantId: number): Keyshare[] }

export type DealOptions = {
  epochId?: bigint
  attempt?: bigint
  threshold?: number
  domains?: readonly ('Ed25519' | 'Secp256k1')[]
  /** False as on near/mpc's contract. */
  commitments?: boolean
}

/** Deals a fresh random key for every domain. */
export function dealKeyset(options: DealOptions = {}): DealtKeyset {
  const { epochId = 5n, attempt = 0n, threshold = 3, domains = ['Ed25519', 'Ed25519'], commitments = true } = options
  const dealt = domains.map((curve, index) => dealDomain(curve, BigInt(index), attempt, threshold, commitments))
  const json: Json = { epoch_id: epochId, domains: dealt.map((domain) => domain.json) }
  return {
    json,
    keyset: parseKeyset(json, 'the dealt keyset'),
    sharesOf: (participantId) =>
      dealt.map(({ curve, publicKey, evaluate }, index) => ({
        epochId,
        domainId: BigInt(index),
        attemptId: attempt,
        curve,
        privateShare: evaluate(BigInt(participantId) + 1n),
        publicKey,
      })),
  }
}

function dealDomain(curve: 'Ed25519' | 'Secp256k1', domainId: bigint, attempt: bigint, t: number, commit: boolean) {
  const { Point } = curve === 'Ed25519' ? ed25519 : secp256k1
  const { ORDER } = Point.Fn
  const coefficients = Array.from(
    { length: t },
    () => (BigInt(`0x${randomBytes(40).toString('hex')}`) % (ORDER - 1n)) + 1n,
  )
  const points = coefficients.map((coefficient) => Point.BASE.multiply(coefficient))
  const [first] = points
  if (first === undefined) throw new RangeError('a polynomial has a coefficient')
  const publicKey = first.toBytes(true)
  const key: Json =
    curve === 'Ed25519'
      ? {
          Ed25519: { near_public_key_compressed: `ed25519:${base58.encode(publicKey)}`, edwards_point: [...publicKey] },
        }
      : { Secp256k1: { near_public_key: `secp256k1:${base58.encode(secpUncompressed(publicKey))}` } }
  const json: Json = {
    domain_id: domainId,
    key,
    attempt,
    commitments: commit ? points.map((point) => Buffer.from(point.toBytes(true)).toString('hex')) : null,
  }
  const evaluate = (x: bigint): Uint8Array => {
    const value = coefficients.reduceRight((sum, coefficient) => (sum * x + coefficient) % ORDER, 0n)
    const bytes = Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
    return new Uint8Array(curve === 'Ed25519' ? bytes.reverse() : bytes)
  }
  return { curve, publicKey, json, evaluate }
}

function secpUncompressed(compressed: Uint8Array): Uint8Array {
  return secp256k1.Point.fromBytes(compressed).toBytes(false).subarray(1)
}
