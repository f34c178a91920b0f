import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { HoldfastError } from './errors.ts'

const CIPHER = 'aes-256-gcm'
const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/**
 * The body of near/mpc's key-share requests: standard padded base64 of nonce(12) ‖ AES-256-GCM ciphertext ‖ tag(16), no
 * additional data (near-mpc.md 4.3, 4.6). A fresh random nonce each time.
 * @throws HoldfastError `INVALID_KEY` unless the key has 32 bytes.
 */
export function encryptKeyshares(plaintext: string, key: Uint8Array): string {
  const nonce = randomBytes(NONCE_LENGTH)
  const cipher = createCipheriv(CIPHER, checkKey(key), nonce)
  return Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  )
}

/**
 * Opens such a body. Exactly the canonical base64 is accepted: no white space, no other alphabet, padding required.
 * @throws HoldfastError `KEYSHARES_MALFORMED` for a body that is none; `KEYSHARES_UNDECRYPTABLE` for another key or a
 * changed body; `INVALID_KEY` unless the key has 32 bytes. Neither body nor key is quoted.
 */
export function decryptKeyshares(body: string, key: Uint8Array): string {
  const bytes = Buffer.from(body, 'base64')
  if (bytes.toString('base64') !== body) throw malformed(`it is not padded standard base64 (${body.length} characters)`)
  if (bytes.length < NONCE_LENGTH + TAG_LENGTH) {
    throw malformed(`found ${bytes.length} bytes, expected at least ${NONCE_LENGTH + TAG_LENGTH}`)
  }
  const decipher = createDecipheriv(CIPHER, checkKey(key), bytes.subarray(0, NONCE_LENGTH))
  decipher.setAuthTag(bytes.subarray(-TAG_LENGTH))
  const opened = decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH))
  try {
    decipher.final()
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(opened)
  } catch {
    throw new HoldfastError(
      'KEYSHARES_UNDECRYPTABLE',
      'cannot decrypt the key shares: they were encrypted with another key, or changed on the way; ' +
        'if the peer is near/mpc, compare the backup encryption key configured on both sides',
    )
  } finally {
    opened.fill(0)
  }
}

function checkKey(key: Uint8Array): Uint8Array {
  if (key.length === KEY_LENGTH) return key
  throw new HoldfastError(
    'INVALID_KEY',
    `cannot use the key for key shares: found ${key.length} bytes, expected ${KEY_LENGTH}`,
  )
}

function malformed(why: string): HoldfastError {
  return new HoldfastError('KEYSHARES_MALFORMED', `cannot read the encrypted key shares: ${why}`)
}
