import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'

/**
 * The AES key that the operator shares with a near/mpc node (`backup_encryption_key_hex`). One trailing newline is
 * passed over, which near/mpc's own reader does not do: editors add it.
 * @throws HoldfastError `NEAR_MPC_KEY_INVALID`, `SECRET_FILE_*`; never quotes the file
 */
export async function readNearMpcKey(file: string): Promise<Uint8Array> {
  const text = (await readSecretFile(file, "near/mpc's backup encryption key")).replace(/\r?\n$/, '')
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new HoldfastError(
    'NEAR_MPC_KEY_INVALID',
    `cannot use ${file}: found ${text.length} characters, expected 64 hex digits, the node's backup_encryption_key_hex`,
  )
}
