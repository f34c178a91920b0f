import { ECDH } from 'node:crypto'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

export const CURVES = ['Secp256k1', 'Ed25519', 'Bls12381'] as const
/** The curve of a key share, by the name of near/mpc's keyshare JSON. */
export type Curve = (typeof CURVES)[number]

/** What the proofs need of a curve point: an element of the prime-order group, or one about to be shown to be. */
export type CurvePoint = {
  add(other: CurvePoint): CurvePoint
  double(): CurvePoint
  /** For public scalars: its time depends on them. */
  multiplyUnsafe(scalar: bigint): CurvePoint
  equals(other: CurvePoint): boolean
  is0(): boolean
}

export type CurveFacts = {
  /** Prime order of the group. */
  order: bigint
  /** How many times larger the group of all the curve's points is. 1: every decoded point is in the prime-order group. */
  cofactor: bigint
  /** Bytes of a compressed point: SEC1, RFC 8032, or G2 in the zcash form. */
  pointLength: number
  /** How this curve's scalars are written in near/mpc's JSON (32 bytes). */
  endianness: 'big' | 'little'
  /** Decodes the one canonical encoding of a curve point. @throws on any other bytes. */
  decode(bytes: Uint8Array): CurvePoint
  /** True for an element of the prime-order group other than the identity. */
  inPrimeOrderGroup(point: CurvePoint): boolean
  /** The canonical encoding that `decode` reads. */
  encode(point: CurvePoint): Uint8Array
  /** scalar · generator, in time that does not depend on the scalar. @throws unless 0 < scalar < order. */
  multiplyBase(scalar: bigint): CurvePoint
  zero: CurvePoint
}

type NoblePoint = CurvePoint & { isTorsionFree(): boolean; toBytes(compressed: boolean): Uint8Array }
type NobleCurve = {
  ZERO: unknown
  BASE: { multiply(scalar: bigint): unknown }
  fromBytes(bytes: Uint8Array): unknown
  Fn: { ORDER: bigint }
  CURVE(): { h: bigint }
}

function facts(
  point: NobleCurve,
  pointLength: number,
  endianness: 'big' | 'little',
  decode: (bytes: Uint8Array) => unknown = (bytes) => point.fromBytes(bytes),
): CurveFacts {
  return {
    order: point.Fn.ORDER,
    cofactor: point.CURVE().h,
    pointLength,
    endianness,
    decode(bytes) {
      if (bytes.length !== pointLength) throw new RangeError(`a point has ${pointLength} bytes`)
      return decode(bytes) as CurvePoint
    },
    inPrimeOrderGroup: (p) => !p.is0() && (p as NoblePoint).isTorsionFree(),
    encode: (p) => (p as NoblePoint).toBytes(true),
    multiplyBase: (scalar) => point.BASE.multiply(scalar) as CurvePoint,
    zero: point.ZERO as CurvePoint,
  }
}

/** OpenSSL finds y three times as fast as big integers do, and refuses what is not on the curve (SEC1 2.3.4). */
function decodeSecp256k1(bytes: Uint8Array): unknown {
  const uncompressed = ECDH.convertKey(bytes, 'secp256k1', undefined, undefined, 'uncompressed') as Buffer
  const [x, y] = [uncompressed.subarray(1, 33), uncompressed.subarray(33)].map((half) => scalarFromBytes(half, 'big'))
  return secp256k1.Point.fromAffine({ x: x ?? 0n, y: y ?? 0n })
}

/** The facts of each curve. */
export const CURVE_FACTS: Record<Curve, CurveFacts> = {
  Secp256k1: facts(secp256k1.Point, 33, 'big', decodeSecp256k1),
  Ed25519: facts(ed25519.Point, 32, 'little'),
  Bls12381: facts(bls12_381.G2.Point, 96, 'little'),
}

/** The integer that 32 scalar bytes stand for, in the curve's own byte order. */
export function scalarFromBytes(bytes: Uint8Array, endianness: 'big' | 'little'): bigint {
  const big = endianness === 'big' ? bytes : bytes.toReversed()
  return BigInt(`0x${Buffer.from(big.buffer, big.byteOffset, big.byteLength).toString('hex')}`)
}

/** The 32 bytes of a scalar, in the curve's own byte order. */
export function scalarToBytes(scalar: bigint, endianness: 'big' | 'little'): Uint8Array {
  const big = Uint8Array.from(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'))
  return endianness === 'big' ? big : big.reverse()
}
