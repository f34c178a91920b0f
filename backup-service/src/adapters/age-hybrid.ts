import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { SealAtRest } from '../ports.ts'

const IDENTITY_PREFIX = 'AGE-SECRET-KEY-PQ-1'
const RECIPIENT_PREFIX = 'age1pq1'

/** A new post-quantum hybrid identity (ML-KEM-768 with X25519) in age's own file form, and its recipient. */
export async function generateAgeIdentity(): Promise<{ file: string; recipient: string }> {
  const { generateHybridIdentity, identityToRecipient } = await import('age-encryption')
  const identity = await generateHybridIdentity()
  const recipient = await identityToRecipient(identity)
  return { file: `# public key: ${recipient}\n${identity}\n`, recipient }
}

/**
 * The one identity in an age identity file.
 * @throws HoldfastError `AGE_IDENTITY_INVALID`; never quotes the file
 */
export function parseAgeIdentity(text: string, where: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const [identity, ...more] = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (identity === undefined || more.length > 0) {
    throw new HoldfastError('AGE_IDENTITY_INVALID', `cannot use ${where}: expected exactly one identity`)
  }
  if (!identity.startsWith(IDENTITY_PREFIX)) {
    // A classical recipient beside or instead of the hybrid one would silently give up the post-quantum protection.
    throw new HoldfastError(
      'AGE_IDENTITY_INVALID',
      `cannot use ${where}: expected a post-quantum hybrid identity (${IDENTITY_PREFIX}…), found another kind`,
    )
  }
  return identity
}

/** The recipient of an identity. @throws HoldfastError `AGE_IDENTITY_INVALID` */
export async function recipientOf(identity: string, where: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption')
  const recipient = await identityToRecipient(identity).catch(() => '')
  if (recipient.startsWith(RECIPIENT_PREFIX)) return recipient
  throw new HoldfastError('AGE_IDENTITY_INVALID', `cannot use ${where}: it is damaged; put it back from your copy`)
}

/**
 * age files (age-encryption.org/v1) to the hybrid recipient of one identity. The library is loaded at the first use: an
 * idle service that is covered never needs it.
 */
export function sealWithAge(identity: string, where: string): SealAtRest {
  return {
    identityId: createHash('sha256').update(`holdfast/age-identity/1\n${identity}`).digest('hex'),
    recipient: () => recipientOf(identity, where),
    async seal(plaintext) {
      const { Encrypter } = await import('age-encryption')
      const encrypter = new Encrypter()
      encrypter.addRecipient(await recipientOf(identity, where))
      return encrypter.encrypt(plaintext)
    },
    async open(ciphertext) {
      const { Decrypter } = await import('age-encryption')
      const decrypter = new Decrypter()
      decrypter.addIdentity(identity)
      try {
        return await decrypter.decrypt(ciphertext, 'text')
      } catch {
        throw new HoldfastError(
          'SNAPSHOT_UNDECRYPTABLE',
          `cannot decrypt a snapshot: it is damaged or was made for another identity than ${where}; put the right one back ` +
            'from your copy',
        )
      }
    },
  }
}
