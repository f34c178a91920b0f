import type { PublicKeyExtended } from './contract-state.ts'
import { CURVE_FACTS, type Curve } from './curves.ts'
import { HoldfastError } from './errors.ts'
import { publicKeyText } from './keyset-digest.ts'
import { decodeBase58 } from './near-key.ts'

/** A domain's group key as its shares carry it: curve and compressed point. */
export type GroupKey = { curve: Curve; compressed: Uint8Array }

const FORMS: Record<Curve, { prefix: string; length: number }> = {
  Ed25519: { prefix: 'ed25519:', length: 32 },
  Secp256k1: { prefix: 'secp256k1:', length: 64 },
  Bls12381: { prefix: 'bls12381g2:', length: 96 },
}

/**
 * The group key of the contract's JSON in compressed form. The contract writes secp256k1 keys uncompressed (x ‖ y), the
 * shares compressed; `edwards_point` beside an Ed25519 key is passed over, as near/mpc does.
 * @throws HoldfastError `INVALID_STATE` if the text is not a key of its curve.
 */
export function groupKey(key: PublicKeyExtended): GroupKey {
  const curve: Curve = 'Ed25519' in key ? 'Ed25519' : 'Secp256k1' in key ? 'Secp256k1' : 'Bls12381'
  const { prefix, length } = FORMS[curve]
  const text = publicKeyText(key)
  const bytes = text.startsWith(prefix) ? decodeBase58(text.slice(prefix.length)) : undefined
  if (bytes?.length !== length) throw invalid(text, curve)
  const compressed = curve === 'Secp256k1' ? compressSecp256k1(bytes) : bytes
  if (compressed.length !== CURVE_FACTS[curve].pointLength) throw invalid(text, curve)
  return { curve, compressed }
}

/** SEC1: 02 or 03 by the parity of y, then x. */
function compressSecp256k1(xy: Uint8Array): Uint8Array {
  const odd = ((xy[63] ?? 0) & 1) === 1
  return Uint8Array.of(odd ? 3 : 2, ...xy.subarray(0, 32))
}

function invalid(text: string, curve: Curve): HoldfastError {
  const { prefix, length } = FORMS[curve]
  return new HoldfastError(
    'INVALID_STATE',
    `cannot use the group key "${text.slice(0, 150)}": expected ${prefix} followed by the base58 of ${length} bytes`,
  )
}
