import { base58 } from '@scure/base'
import { HoldfastError } from './errors.ts'

/** An Ed25519 public key in NEAR's text form: `ed25519:` and base58 of 32 bytes. */
export type Ed25519KeyText = `ed25519:${string}`

const PREFIX = 'ed25519:'

/** Text form of 32 raw bytes. */
export function formatEd25519Key(raw: Uint8Array): Ed25519KeyText {
  return `ed25519:${base58.encode(raw)}`
}

/**
 * The 32 raw bytes of a key in text form.
 * @throws HoldfastError `INVALID_KEY`, naming what was found.
 */
export function parseEd25519Key(text: string, what = 'key'): Uint8Array {
  const raw = text.startsWith(PREFIX) ? decodeBase58(text.slice(PREFIX.length)) : undefined
  if (raw?.length !== 32) {
    throw new HoldfastError(
      'INVALID_KEY',
      `invalid ${what} "${text.slice(0, 80)}": expected ed25519: followed by the base58 of 32 bytes`,
    )
  }
  return raw
}

/** True if `text` is a well-formed key in canonical text form. */
export function isEd25519Key(text: string): text is Ed25519KeyText {
  return text.startsWith(PREFIX) && decodeBase58(text.slice(PREFIX.length))?.length === 32
}

/** Bytes → base58. */
export function encodeBase58(bytes: Uint8Array): string {
  return base58.encode(bytes)
}

/** Base58 → bytes, or undefined where it is not base58. */
export function decodeBase58(text: string): Uint8Array | undefined {
  try {
    return base58.decode(text)
  } catch {
    return undefined
  }
}
