import { createHash } from 'node:crypto'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { RECIPIENT_PREFIX, recipientFault } from '../age-recipient.ts'
import type { SealAtRest } from '../ports.ts'

const IDENTITY_PREFIX = 'AGE-SECRET-KEY-PQ-1'

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
 * age files (age-encryption.org/v1). A text is encrypted to a hybrid identity made for it alone, and that identity, itself
 * an age file, to every recipient. The library is loaded at the first use: an idle service that is covered never needs it.
 * @param further recipients beside the identity's own
 */
export function sealWithAge(identity: string, where: string, further: readonly string[] = []): SealAtRest {
  const recipients = async (): Promise<string[]> => [await recipientOf(identity, where), ...further]

  async function decrypt(ciphertext: Uint8Array, using: string): Promise<string> {
    const { Decrypter } = await import('age-encryption')
    const decrypter = new Decrypter()
    decrypter.addIdentity(using)
    try {
      return await decrypter.decrypt(ciphertext, 'text')
    } catch {
      throw new HoldfastError(
        'SNAPSHOT_UNDECRYPTABLE',
        `cannot decrypt a snapshot: it is damaged or was made for another identity than ${where}; put the right one back ` +
          'from your copy',
      )
    }
  }

  return {
    identityId: createHash('sha256').update(`holdfast/age-identity/1\n${identity}`).digest('hex'),
    recipients,
    async seal(plaintext) {
      const own = await generateAgeIdentity()
      return {
        data: await encrypt(plaintext, [own.recipient]),
        key: await encrypt(own.file, await recipients()),
      }
    },
    async open({ data, key }) {
      const own = parseAgeIdentity(await decrypt(key, identity), 'the key of a snapshot')
      return decrypt(data, own)
    },
    openDirect: (ciphertext) => decrypt(ciphertext, identity),
  }
}

async function encrypt(plaintext: string, recipients: readonly string[]): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    const fault = recipientFault(recipient)
    if (fault !== undefined) {
      throw new HoldfastError(
        'AGE_RECIPIENT_INVALID',
        `cannot encrypt to ${recipient.slice(0, 16)}…: found ${fault}, expected ${RECIPIENT_PREFIX}…; correct recovery_recipients`,
      )
    }
    encrypter.addRecipient(recipient)
  }
  return encrypter.encrypt(plaintext)
}
