import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, hexToBytes } from '@noble/curves/utils.js'
import { lagrange, pointOf } from '../secret-sharing/lagrange.ts'
import { randomScalar } from '../secret-sharing/random-scalar.ts'
import { isGroupElement, isOnPolynomial, publicShare } from '../signing/group.ts'

/**
 * Resharing of a Shamir-shared Ed25519 key without a dealer who knows it (Desmedt and Jajodia, 1997; with Feldman's
 * commitments, as in Wong, Wang and Wing, 2002). Each of `threshold`-many holders D of old shares s_i shares λ_i·s_i anew,
 * λ_i being its Lagrange coefficient at 0 over D; since Σ λ_i·s_i is the secret, the sums of what everybody gets are
 * shares of the same secret on a fresh polynomial. Scalars are 32 bytes, little-endian; points compressed, in hex.
 */
const { Point } = ed25519
const { Fn } = Point

/** What a dealer gives: the public commitments to its polynomial, and for each recipient its value there. */
export type Dealing = { commitments: string[]; shareFor(participantId: number): Uint8Array; wipe(): void }

/** One recipient's part of a dealing. */
export type DealtShare = { commitments: string[]; share: Uint8Array }

/** Deals participant `self`'s part of the key, for `threshold` new shares to reconstruct. */
export function deal(oldShare: Uint8Array, self: number, dealers: readonly number[], threshold: number): Dealing {
  const secret = Fn.mul(lagrange(self, dealers, 0n), Fn.fromBytes(oldShare))
  let coefficients = [secret, ...Array.from({ length: threshold - 1 }, randomScalar)]
  const commitments = coefficients.map((c) => bytesToHex(Point.BASE.multiply(c).toBytes()))
  return {
    commitments,
    shareFor: (participantId) => Uint8Array.from(Fn.toBytes(valueAt(coefficients, pointOf(participantId)))),
    wipe: () => void (coefficients = []),
  }
}

/**
 * What is wrong with a dealt share; undefined if it is `self`'s part of a true dealing of the dealer's old share. Whether every
 * commitment is of prime order is left to `isPure`, which costs as much as all this.
 */
export function faultOf(
  { commitments, share }: DealtShare,
  expected: { dealer: number; self: number; dealers: readonly number[]; threshold: number; old: readonly string[] },
): string | undefined {
  const { dealer, self, dealers, threshold, old } = expected
  if (commitments.length !== threshold) return `${commitments.length} commitments, expected ${threshold}`
  if (!commitments.every(isPoint)) return 'a commitment that is no point of the curve'
  const part = publicShare(old, dealer).multiplyUnsafe(lagrange(dealer, dealers, 0n))
  if (bytesToHex(part.toBytes()) !== commitments[0]) return 'a dealing of another secret than its share of the key'
  const points = commitments.map((point) => hexToBytes(point))
  return isOnPolynomial(share, points, self) ? undefined : 'a share that does not fit its commitments'
}

/** True if every commitment is an element of the prime-order group. Of the sum, for that is what the contract will hold. */
export function isPure({ commitments }: Pick<DealtShare, 'commitments'>): boolean {
  return commitments.every(isGroupElement)
}

/** The new share and the commitments of the new polynomial: the sums of what every dealer gave. */
export function combine(dealt: readonly DealtShare[]): DealtShare {
  const [first, ...others] = dealt
  if (first === undefined) throw new TypeError('nothing was dealt')
  const points = others.reduce(
    (sums, { commitments }) => sums.map((sum, k) => sum.add(Point.fromHex(commitments[k] ?? ''))),
    first.commitments.map((point) => Point.fromHex(point)),
  )
  const share = dealt.reduce((sum, { share }) => Fn.add(sum, Fn.fromBytes(share)), 0n)
  return { commitments: points.map((point) => bytesToHex(point.toBytes())), share: Uint8Array.from(Fn.toBytes(share)) }
}

function isPoint(hex: string): boolean {
  try {
    return Point.fromHex(hex) !== undefined
  } catch {
    return false
  }
}

/** Horner's rule modulo the group's order. */
function valueAt(coefficients: readonly bigint[], x: bigint): bigint {
  if (coefficients.length === 0) throw new TypeError('this dealing is over')
  return coefficients.reduceRight((sum, c) => Fn.add(Fn.mul(sum, x), c), 0n)
}
