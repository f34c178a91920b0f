import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'
import type { FrostPublic, FrostSecret, Identifier } from '@noble/curves/abstract/frost.js'
import { hexToBytes } from '@noble/curves/utils.js'
import type { KeyForDomain } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'

/** RFC 9591's identifier of a participant: x = participant id + 1. */
export function identifierOf(participantId: number): Identifier {
  return ed25519_FROST.Identifier.fromNumber(participantId + 1)
}

/**
 * The public side of a key as FROST wants it, with the verifying shares Y_i = Σ C_k·x_i^k of the participants asked for.
 * @throws HoldfastError `KEY_WITHOUT_COMMITMENTS` where the contract holds no commitments for the key
 */
export function publicPackage(key: KeyForDomain, participantIds: number[], max: number): FrostPublic {
  const { commitments } = key
  if (commitments === null || commitments.length === 0) {
    throw new HoldfastError(
      'KEY_WITHOUT_COMMITMENTS',
      `cannot sign with domain ${key.domain_id}: the contract holds no commitments for its key, so that no peer's part could be checked`,
    )
  }
  const points = participantIds.length === 0 ? [] : commitments.map((point) => ed25519.Point.fromHex(point))
  const verifyingShares = Object.fromEntries(
    participantIds.map((id) => [identifierOf(id), Uint8Array.from(evaluate(points, BigInt(id + 1)).toBytes())]),
  )
  return {
    signers: { min: commitments.length, max },
    commitments: commitments.map((point) => hexToBytes(point)),
    verifyingShares,
  }
}

/** A node's share as FROST wants it. The bytes are the share's own: do not change them. */
export function secretPackage(share: Keyshare, participantId: number): FrostSecret {
  return { identifier: identifierOf(participantId), signingShare: share.privateShare as FrostSecret['signingShare'] }
}

/** True if a secret share (32 bytes, little-endian) is the participant's on the polynomial of these commitments. */
export function isOnPolynomial(share: Uint8Array, commitments: Uint8Array[], participantId: number): boolean {
  try {
    const points = commitments.map((point) => ed25519.Point.fromBytes(point))
    return ed25519.Point.BASE.multiply(ed25519.Point.Fn.fromBytes(share)).equals(
      evaluate(points, BigInt(participantId + 1)),
    )
  } catch {
    return false
  }
}

/** True for the canonical hex of a point of the prime-order group other than the identity. */
export function isGroupElement(hex: string): boolean {
  try {
    const point = ed25519.Point.fromHex(hex)
    return !point.is0() && point.isTorsionFree()
  } catch {
    return false
  }
}

/** Y_i = Σ C_k·x_i^k: what the commitments (hex) say of a participant's share. */
export function publicShare(commitments: readonly string[], participantId: number) {
  return evaluate(
    commitments.map((point) => ed25519.Point.fromHex(point)),
    BigInt(participantId + 1),
  )
}

/** Horner's rule on points. All values are public. */
function evaluate(points: (typeof ed25519.Point.BASE)[], x: bigint) {
  return points.reduceRight((sum, point) => sum.multiplyUnsafe(x).add(point), ed25519.Point.ZERO)
}
