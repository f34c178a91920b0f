import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { SignedTransaction } from './decode.ts'

/** DER header of an Ed25519 SubjectPublicKeyInfo (RFC 8410, section 4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

function ed25519Key(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([ED25519_SPKI, raw]), format: 'der', type: 'spki' })
}

function verifySecp256k1(digest: Uint8Array, signature: Uint8Array, raw: Uint8Array): boolean {
  const recovered = secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact')
    .addRecoveryBit(signature[64] ?? -1)
    .recoverPublicKey(digest)
    .toBytes(false)
    .slice(1)
  return Buffer.from(recovered).equals(raw)
}

/** Whether the transaction's signature is its public key's over its hash. */
export function isSignatureValid(transaction: SignedTransaction): boolean {
  const { publicKey, signature, digest } = transaction
  if (publicKey.borsh[0] !== signature.curve.tag) return false
  const raw = publicKey.borsh.subarray(1)
  try {
    return signature.curve.name === 'ed25519'
      ? verify(null, digest, ed25519Key(raw), signature.bytes)
      : verifySecp256k1(digest, signature.bytes, raw)
  } catch {
    return false
  }
}
