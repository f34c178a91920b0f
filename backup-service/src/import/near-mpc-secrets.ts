import { join } from 'node:path'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseStrictJson, type Json } from '@holdfast/protocol/json.ts'
import { readRegularFile } from './regular-file.ts'

/** The name of the file in a home of near/mpc's backup-cli. */
export const NEAR_MPC_SECRETS = 'secrets.json'
const TLS_SEED_BYTES = 32
const STORAGE_KEY_BYTES = 16

/**
 * The seed of the TLS key that backup-cli shows to the node, and that its operator has registered (near-mpc.md 4.6:
 * `p2p_private_key`, 32 bytes as integers). The file is only read; backup-cli makes it with mode 0644, so its mode is not judged.
 * @throws HoldfastError `NEAR_MPC_HOME_INVALID`; never quotes the file
 */
export function readNearMpcTlsSeed(directory: string): Promise<Uint8Array> {
  return readBytes(directory, 'p2p_private_key', TLS_SEED_BYTES)
}

/** The AES-128 key of backup-cli's own files. @throws as `readNearMpcTlsSeed` */
export function readNearMpcStorageKey(directory: string): Promise<Uint8Array> {
  return readBytes(directory, 'local_storage_aes_key', STORAGE_KEY_BYTES)
}

async function readBytes(directory: string, field: string, length: number): Promise<Uint8Array> {
  const path = join(directory, NEAR_MPC_SECRETS)
  const content = await readRegularFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = isHoldfastError(error) ? error.message : error.code
    throw invalid(
      `cannot read ${path} (${why}); expected the home directory of near/mpc's backup-cli (its --home-dir), ` +
        'readable by this user',
    )
  })
  const json = parsed(content.toString('utf8'), path)
  const bytes = isObject(json) ? json[field] : undefined
  if (Array.isArray(bytes) && bytes.length === length && bytes.every(isByte)) return Uint8Array.from(bytes as number[])
  throw invalid(
    `cannot use ${path}: expected ${field}, an array of ${length} integers from 0 to 255; the node's own ` +
      `${NEAR_MPC_SECRETS} is another form`,
  )
}

/** Strictly: near/mpc refuses a field that occurs twice, and two readers must not see two keys. */
function parsed(text: string, path: string): Json {
  try {
    return parseStrictJson(text, path)
  } catch (error) {
    throw isHoldfastError(error) ? invalid(error.message) : error
  }
}

function isObject(json: Json): json is Record<string, Json> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isByte(json: Json): boolean {
  return typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= 255
}

function invalid(message: string): HoldfastError {
  return new HoldfastError('NEAR_MPC_HOME_INVALID', message)
}
