import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE, randomBytes } from '@noble/curves/utils.js'

/** A scalar of Ed25519's group, not zero; uniform but for 2^-259, since 64 bytes are reduced. */
export function randomScalar(): bigint {
  const scalar = ed25519.Point.Fn.create(bytesToNumberLE(randomBytes(64)))
  return scalar === 0n ? randomScalar() : scalar
}
