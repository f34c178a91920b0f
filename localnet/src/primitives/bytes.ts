import { createHash } from 'node:crypto'
import { base58 } from '@scure/base'

/** SHA-256 of the concatenation of `parts`, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** 32 zero bytes in base 58: what the node shows for "no code" and for empty roots. */
export const ZERO_HASH = '11111111111111111111111111111111'

export const toBase58 = (bytes: Uint8Array): string => base58.encode(bytes)
export const fromBase58 = (text: string): Uint8Array => base58.decode(text)
export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A lossless map key for arbitrary bytes: one character per byte. */
export const bytesToKey = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
export const keyToBytes = (key: string): Uint8Array => new Uint8Array(Buffer.from(key, 'latin1'))

/** base58(sha256(parts)): the form of every hash and id in NEAR's JSON. */
export const hashText = (...parts: readonly Uint8Array[]): string => toBase58(sha256(...parts))
