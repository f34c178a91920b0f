import { randomBytes } from 'node:crypto'
import type { CurveFacts, CurvePoint } from './curves.ts'

/** A statement about one share: `secret · G` is `point`. `secret` is below the group's order and not zero. */
export type Claim = { secret: bigint; point: CurvePoint }

/** Every claim has a coefficient of 128 bits, so that a false one passes with probability 2^-128 at most. */
const COEFFICIENT_BYTES = 16
const BUCKETS = 256
/** With fewer the buckets cost more than they save: measured on both curves. */
const SMALLEST_BATCH = 200

/** Those claims that are false, each by its own proof; none if all hold. */
export function falseClaims<C extends Claim>(claims: readonly C[], facts: CurveFacts): C[] {
  if (claims.length >= SMALLEST_BATCH && allHold(claims, facts, randomBytes(COEFFICIENT_BYTES * claims.length)))
    return []
  return claims.filter((claim) => !holds(claim, facts))
}

/** The proof of one claim. */
export function holds({ secret, point }: Claim, facts: CurveFacts): boolean {
  return facts.multiplyBase(secret).equals(point)
}

/**
 * Proves all claims at once: with random 128-bit coefficients r, Σ r·secret · G = Σ r·point, one multi-scalar
 * multiplication by Pippenger's buckets. True for claims that all hold; true with probability 2^-128 at most if one does
 * not, whatever the others are: given them, at most one value of its coefficient lets the sum vanish.
 *
 * That needs a group of prime order. On Ed25519 a difference may be a point of small order, which an even coefficient, or
 * one divisible by 8, makes vanish. There the sums of the single bits of the coefficients are compared one by one: each is a
 * random subset of the claims, which a false one of any order leaves balanced in at most half of the cases, and the 128
 * subsets are independent (Bellare, Garay, Rabin: Fast Batch Verification, 1998, the random subset test). The buckets give
 * the subsets' sums at the price of the one sum.
 *
 * `coefficients` are 16 bytes for each claim, uniform and unknown to whoever made the claims.
 */
export function allHold(claims: readonly Claim[], facts: CurveFacts, coefficients: Uint8Array): boolean {
  const points = claims.map(({ point }) => point)
  const secrets = claims.map(({ secret }) => secret)
  const pointSums = subsetSums(points, coefficients, facts.zero, (a, b) => a.add(b))
  const secretSums = subsetSums(secrets, coefficients, 0n, (a, b) => a + b)
  const equal = (secret: bigint, point: CurvePoint): boolean => {
    const reduced = secret % facts.order
    return reduced === 0n ? point.is0() : facts.multiplyBase(reduced).equals(point)
  }
  if (facts.cofactor > 1) return pointSums.every((point, bit) => equal(secretSums[bit] ?? 0n, point))
  const point = pointSums.reduceRight((sum, each) => sum.double().add(each), facts.zero)
  const secret = secretSums.reduceRight((sum, each) => 2n * sum + each, 0n)
  return equal(secret, point)
}

/** For each bit of the coefficients, lowest first, the sum of the values in whose coefficient it is set. */
function subsetSums<T>(values: readonly T[], coefficients: Uint8Array, zero: T, add: (a: T, b: T) => T): T[] {
  const plus = (a: T | undefined, b: T | undefined): T | undefined =>
    a === undefined ? b : b === undefined ? a : add(a, b)
  return Array.from({ length: COEFFICIENT_BYTES }, (_, byte) => {
    const buckets = new Array<T | undefined>(BUCKETS).fill(undefined)
    for (const [place, value] of values.entries()) {
      const digit = coefficients[place * COEFFICIENT_BYTES + byte] ?? 0
      buckets[digit] = plus(buckets[digit], value)
    }
    const sums: T[] = []
    // The lowest bit splits the buckets into halves; joined, they are the buckets of the remaining bits.
    for (let left = buckets; left.length > 1; left = halves(left).map(([even, odd]) => plus(even, odd)))
      sums.push(halves(left).reduce<T | undefined>((sum, [, odd]) => plus(sum, odd), undefined) ?? zero)
    return sums
  }).flat()
}

function halves<T>(buckets: readonly T[]): [T, T][] {
  return Array.from({ length: buckets.length / 2 }, (_, i) => [buckets[2 * i] as T, buckets[2 * i + 1] as T])
}
