import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { readSecretFile, writeNewSecretFile } from '@holdfast/protocol/secret-file.ts'
import type { BackupConfig } from './config.ts'
import { inHome } from './home-paths.ts'

const WHAT = "near/mpc's backup encryption key"
/** Where near/mpc's backup-cli takes it from. */
export const NEAR_MPC_KEY_VARIABLE = 'BACKUP_ENCRYPTION_KEY_HEX'

/**
 * The AES key that the operator shares with a near/mpc node (`backup_encryption_key_hex`). One trailing newline is
 * passed over, which near/mpc's own reader does not do: editors add it.
 * @throws HoldfastError `NEAR_MPC_KEY_INVALID`, `SECRET_FILE_*`; never quotes the file
 */
export async function readNearMpcKey(file: string): Promise<Uint8Array> {
  try {
    return parseNearMpcKey(await readSecretFile(file, WHAT), file)
  } catch (error) {
    if (!isHoldfastError(error, 'SECRET_FILE_MISSING')) throw error
    throw new HoldfastError(
      'SECRET_FILE_MISSING',
      `cannot read ${WHAT}: there is no file ${file}; write the node's backup_encryption_key_hex into it (64 hex digits, mode 0600)`,
    )
  }
}

/** The keys that the config names, as `mutualTlsNode` takes them. Errors as `readNearMpcKey`. */
export async function readNearMpcKeys(
  home: string,
  {
    near_mpc_key_file: file,
    near_mpc_new_node_key_file: newNodeFile,
  }: Pick<BackupConfig, 'near_mpc_key_file' | 'near_mpc_new_node_key_file'>,
): Promise<{ nearMpcKey?: Uint8Array; newNodeKey?: Uint8Array }> {
  return {
    ...(file !== undefined && { nearMpcKey: await readNearMpcKey(inHome(home, file)) }),
    ...(newNodeFile !== undefined && { newNodeKey: await readNearMpcKey(inHome(home, newNodeFile)) }),
  }
}

/** @throws HoldfastError `NEAR_MPC_KEY_INVALID`, naming where the text came from; never quotes it */
export function parseNearMpcKey(content: string, source: string): Uint8Array {
  const text = content.replace(/\r?\n$/, '')
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  throw new HoldfastError(
    'NEAR_MPC_KEY_INVALID',
    `cannot use ${source}: found ${text.length} characters, expected 64 hex digits, the node's backup_encryption_key_hex`,
  )
}

/**
 * Keeps the key in a file of its own. Again with the same key is nothing; another one is never replaced.
 * @throws HoldfastError `NEAR_MPC_KEY_DIFFERS`, and those of `readNearMpcKey`
 */
export async function keepNearMpcKey(file: string, key: Uint8Array, source: string): Promise<void> {
  try {
    await writeNewSecretFile(file, `${Buffer.from(key).toString('hex')}\n`, WHAT)
  } catch (error) {
    if (!isHoldfastError(error, 'SECRET_FILE_EXISTS')) throw error
    if (Buffer.compare(await readNearMpcKey(file), key) === 0) return
    throw new HoldfastError(
      'NEAR_MPC_KEY_DIFFERS',
      `refusing to replace ${WHAT}: ${file} holds another one than ${source}; compare both with the node's ` +
        'backup_encryption_key_hex, and move the wrong one away',
    )
  }
}
