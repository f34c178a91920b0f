import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'

/**
 * The configured key of the key-share wire format: 64 hex digits, nothing around them, as near/mpc has it.
 * @throws HoldfastError `CONFIG_INVALID`, `SECRET_FILE_MISSING`, `SECRET_FILE_EXPOSED`; the key is never quoted
 */
export async function readBackupKey(path: string): Promise<Uint8Array> {
  const text = await readSecretFile(path, 'the backup encryption key')
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new HoldfastError(
    'CONFIG_INVALID',
    `cannot use the backup encryption key in ${path}: found ${text.length} characters, expected exactly 64 hex digits and no newline`,
  )
}
