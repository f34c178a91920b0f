import { createPublicKey, verify } from 'node:crypto'
import { parseEd25519Key } from '@holdfast/protocol/near-key.ts'

/**
 * Plain Ed25519 (RFC 8032) by Node's own OpenSSL: nothing of the signing code takes part.
 * @param groupKey `ed25519:…` as the contract holds it.
 */
export function verifiesAsPlainEd25519(groupKey: string, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(parseEd25519Key(groupKey, 'group key')).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return signature.length === 64 && verify(null, message, key, signature)
}
