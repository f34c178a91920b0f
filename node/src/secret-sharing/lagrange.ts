import { ed25519 } from '@noble/curves/ed25519.js'

const { Fn } = ed25519.Point

/** RFC 9591's evaluation point of a participant: its id + 1. */
export function pointOf(participantId: number): bigint {
  return BigInt(participantId) + 1n
}

/**
 * λ_i(x) = Π_{j≠i} (x_j − x) / (x_j − x_i) over `ids`, modulo Ed25519's group order: with it, Σ λ_i·f(x_i) = f(x) for every
 * polynomial f of a degree below the number of ids. x = 0 gives the shared secret.
 */
export function lagrange(self: number, ids: readonly number[], x: bigint): bigint {
  const own = pointOf(self)
  return ids.reduce((product, id) => {
    const other = pointOf(id)
    return other === own ? product : Fn.mul(product, Fn.mul(Fn.sub(other, x), Fn.inv(Fn.sub(other, own))))
  }, 1n)
}
