import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'
import type { Cryptography } from '../../src/ports.ts'

/** The contract's cryptography by way of noble: what the C file and the host functions must agree with. */
export const cryptography: Cryptography = {
  sha256Text: (text) => new Uint8Array(createHash('sha256').update(text, 'utf8').digest()),
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  secp256k1Point(compressed) {
    try {
      return secp256k1.Point.fromBytes(compressed).toBytes(false).subarray(1)
    } catch {
      return null
    }
  },
  isEd25519Key(encoded) {
    try {
      return !ed25519.Point.fromBytes(encoded, false).isSmallOrder()
    } catch {
      return false
    }
  },
  decodeBase58(text, length) {
    try {
      const bytes = base58.decode(text)
      return bytes.length === length ? bytes : null
    } catch {
      return null
    }
  },
  encodeBase58: (bytes) => base58.encode(bytes),
  classifyEd25519(encoded) {
    try {
      const point = ed25519.Point.fromBytes(encoded, false)
      return !point.is0() && point.isTorsionFree() ? 2 : 1
    } catch {
      return 0
    }
  },
}
