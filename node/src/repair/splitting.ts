import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/curves/utils.js'
import { isGroupElement, publicShare } from '../signing/group.ts'
import { lagrange, pointOf } from '../secret-sharing/lagrange.ts'
import { randomScalar } from '../secret-sharing/random-scalar.ts'

/**
 * The repairable threshold scheme of Laing and Stinson (eprint 2017/1155, the enrollment scheme of Nikov and Nikova): each of
 * t helpers multiplies its share s_i by λ_i(x_l), x_l being the lost participant's point, and splits the product at random
 * into t pieces, one for each helper; each helper gives the lost participant the sum of the pieces it got; those sums add
 * up to Σ λ_i(x_l)·s_i = s_l. No helper learns another's share or the repaired one. Beside the paper: each helper says
 * G times each of its pieces, so that a false one is found. Scalars are 32 bytes, little-endian; points compressed, in hex.
 */
const { Point } = ed25519
const { Fn } = Point

/** One helper's split: the piece for each helper, in their order, and G times each. */
export type Split = { pieces: Uint8Array[]; points: string[] }

/** Who helps whom: ids of the helpers, ascending, and of the participant that lost its share. */
export type Repair = { helpers: readonly number[]; lost: number }

export function split(share: Uint8Array, self: number, { helpers, lost }: Repair): Split {
  const product = Fn.mul(lagrange(self, helpers, pointOf(lost)), Fn.fromBytes(share))
  const random = helpers.slice(1).map(randomScalar)
  const pieces = [random.reduce((left, piece) => Fn.sub(left, piece), product), ...random]
  return {
    pieces: pieces.map((piece) => Uint8Array.from(Fn.toBytes(piece))),
    points: pieces.map((piece) => bytesToHex(Point.BASE.multiply(piece).toBytes())),
  }
}

/** What is wrong with the points that a helper names; undefined if they are those of a split of its own share. */
export function splitFault(
  points: readonly string[],
  helper: number,
  { helpers, lost }: Repair,
  commitments: readonly string[],
): string | undefined {
  if (points.length !== helpers.length) return `${points.length} pieces, expected ${helpers.length}`
  if (!points.every(isGroupElement)) return 'a piece that is no element of the group'
  const product = publicShare(commitments, helper).multiplyUnsafe(lagrange(helper, helpers, pointOf(lost)))
  return sumOfPoints(points).equals(product) ? undefined : 'pieces of something else than its share'
}

/** What is wrong with a scalar that should be the sum of the pieces with these points. */
export function sumFault(sum: Uint8Array, points: readonly string[]): string | undefined {
  try {
    if (Point.BASE.multiply(Fn.fromBytes(sum)).equals(sumOfPoints(points))) return undefined
  } catch {
    // beyond the order, or zero: no sum of random pieces
  }
  return 'what does not fit the pieces'
}

/** Sum of scalars. */
export function addScalars(scalars: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Fn.toBytes(scalars.reduce((sum, scalar) => Fn.add(sum, Fn.fromBytes(scalar)), 0n)))
}

function sumOfPoints(points: readonly string[]) {
  return points.reduce((sum, point) => sum.add(Point.fromHex(point)), Point.ZERO)
}
