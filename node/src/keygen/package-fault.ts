import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, bytesToNumberLE } from '@noble/curves/utils.js'
import type { DKG_Round1 } from '@noble/curves/abstract/frost.js'
import { isGroupElement } from '../signing/group.ts'

const { Point } = ed25519
const { Fn } = Point

/** The hash of noble's FROST-ED25519-SHA512-v1 suite for proofs of knowledge, which RFC 9591 leaves open. */
const DKG_CONTEXT = 'FROST-ED25519-SHA512-v1dkg'

/**
 * What is wrong with a participant's package of the first round, undefined if nothing is: for naming the one whose package
 * the key generation did not take. `identifier` as 32 bytes, little-endian.
 */
export function faultOfPackage({ identifier, commitment, proofOfKnowledge }: DKG_Round1, threshold: number) {
  if (commitment.length !== threshold) return `${commitment.length} commitments, expected ${threshold}`
  if (!commitment.every((point) => isGroupElement(bytesToHex(point)))) {
    return 'a commitment that is no element of the group'
  }
  const [first] = commitment
  if (first === undefined || !provesKnowledge(Buffer.from(identifier, 'hex'), first, proofOfKnowledge)) {
    return 'a false proof of knowledge of its secret'
  }
  return undefined
}

/** R = μ·G − c·φ with c = H(identifier, φ, R): Schnorr's proof (R, μ) of the logarithm of φ (the FROST paper, figure 1). */
function provesKnowledge(identifier: Uint8Array, first: Uint8Array, proof: Uint8Array): boolean {
  const nonce = proof.subarray(0, 32)
  const hash = createHash('sha512').update(DKG_CONTEXT).update(identifier).update(first).update(nonce).digest()
  const challenge = Fn.create(bytesToNumberLE(hash))
  try {
    const response = Fn.fromBytes(proof.subarray(32))
    const expected = Point.BASE.multiplyUnsafe(response).subtract(Point.fromBytes(first).multiplyUnsafe(challenge))
    return Point.fromBytes(nonce).equals(expected)
  } catch {
    return false
  }
}
