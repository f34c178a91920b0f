import { fromBase58, toBase58 } from './bytes.ts'

/** A key in NEAR's two forms: `text` is `curve:base58`, `borsh` is the curve's tag byte and the raw key. */
export type PublicKey = { readonly text: string; readonly borsh: Uint8Array }

export const CURVES = [
  { tag: 0, name: 'ed25519', length: 32 },
  { tag: 1, name: 'secp256k1', length: 64 },
] as const
export type Curve = (typeof CURVES)[number]

/** The curve of a borsh-encoded key or signature, by its tag byte. */
export function curveOf(tag: number): Curve | undefined {
  return CURVES.find((curve) => curve.tag === tag)
}

export function publicKeyFromBorsh(borsh: Uint8Array): PublicKey | null {
  const curve = curveOf(borsh[0] ?? -1)
  if (curve === undefined || borsh.length !== curve.length + 1) return null
  return { text: `${curve.name}:${toBase58(borsh.slice(1))}`, borsh: borsh.slice() }
}

export type PublicKeyParse = { ok: true; key: PublicKey } | { ok: false; problem: string }

/** Parses `curve:base58` (a missing curve means ed25519); problems are in the node's words. */
export function parsePublicKey(text: string): PublicKeyParse {
  const colon = text.indexOf(':')
  const name = colon < 0 ? 'ed25519' : text.slice(0, colon).toLowerCase()
  const curve = CURVES.find((candidate) => candidate.name === name)
  if (curve === undefined) return { ok: false, problem: `unknown key type '${name}'` }
  let raw: Uint8Array
  try {
    raw = fromBase58(text.slice(colon + 1))
  } catch {
    return { ok: false, problem: 'invalid key data: provided string contained invalid character' }
  }
  if (raw.length !== curve.length)
    return {
      ok: false,
      problem: `invalid key length: expected the input of ${curve.length} bytes, but ${raw.length} was given`,
    }
  return { ok: true, key: { text: `${curve.name}:${toBase58(raw)}`, borsh: Uint8Array.of(curve.tag, ...raw) } }
}
