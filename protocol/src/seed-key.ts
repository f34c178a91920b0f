import { createPrivateKey, createPublicKey } from 'node:crypto'
import { formatEd25519Key, type Ed25519KeyText } from './near-key.ts'

/** RFC 8410 PKCS#8 v1 of an Ed25519 key, up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The public key of an Ed25519 secret seed (32 bytes), in NEAR's text form. */
export function publicKeyOfSeed(seed: Uint8Array): Ed25519KeyText {
  const der = Buffer.concat([PKCS8_PREFIX, seed])
  const { x } = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' })
  return formatEd25519Key(Buffer.from(x as string, 'base64url'))
}
