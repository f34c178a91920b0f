import { createPublicKey, verify } from 'node:crypto'
import { parseEd25519Key } from './near-key.ts'

/** DER of a SubjectPublicKeyInfo (RFC 8410) up to the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Plain Ed25519 (RFC 8032) by Node's own OpenSSL, under a key in near text; a malformed signature does not verify. */
export function verifiesEd25519(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([SPKI_PREFIX, parseEd25519Key(publicKey)])
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature)
}
