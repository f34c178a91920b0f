import { readFile, stat } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { type Json, parseJson } from '@holdfast/protocol/json.ts'
import { decodeBase58, type Ed25519KeyText, encodeBase58, parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'

/** A NEAR account with one of its Ed25519 keys. `seed` is the 32-byte secret: never print it. */
export type NearCredentials = { accountId: string; publicKey: Ed25519KeyText; seed: Uint8Array }

/**
 * Reads a key file in NEAR's credentials format, as near-cli-rs and the sandbox write it:
 * `{"account_id", "public_key", "private_key" or "secret_key"}`.
 * @throws HoldfastError `KEY_FILE_INVALID`, or `KEY_FILE_EXPOSED` if others may read it.
 */
export async function readNearCredentials(path: string): Promise<NearCredentials> {
  const text = await readKeyFile(path)
  const file = parseJson(text, path, 'KEY_FILE_INVALID')
  const accountId = field(file, 'account_id')
  const secret = field(file, 'private_key') ?? field(file, 'secret_key')
  if (accountId === undefined || secret === undefined) {
    throw invalid(path, 'the fields account_id and private_key (or secret_key) are expected, at least one is missing')
  }
  const raw = secret.startsWith('ed25519:') ? decodeBase58(secret.slice('ed25519:'.length)) : undefined
  if (raw === undefined || (raw.length !== 64 && raw.length !== 32)) {
    throw invalid(path, 'its private key is not ed25519: followed by base58 of 64 bytes')
  }
  const seed = raw.slice(0, 32)
  const publicKey = publicKeyOfSeed(seed)
  const stated = field(file, 'public_key')
  if (stated !== undefined && stated !== publicKey) {
    throw invalid(path, `its public_key is ${stated}, but its private key belongs to ${publicKey}`)
  }
  return { accountId, publicKey, seed }
}

/** The content of a key file that `readNearCredentials` reads, and near-cli-rs too. A secret. */
export function credentialsJson({ accountId, publicKey, seed }: NearCredentials): string {
  const secret = encodeBase58(Buffer.concat([seed, parseEd25519Key(publicKey)]))
  const content = { account_id: accountId, public_key: publicKey, private_key: `ed25519:${secret}` }
  return `${JSON.stringify(content, null, 2)}\n`
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw new HoldfastError(
        'KEY_FILE_EXPOSED',
        `refused to use the key file ${path}: others on this machine may read it (mode ${(mode & 0o777).toString(8)}, ` +
          `expected 600); run: chmod 600 '${path}'`,
      )
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof HoldfastError) throw error
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : String((error as NodeJS.ErrnoException).code)
    throw invalid(path, `${reason}; near-cli-rs keeps key files in ~/.near-credentials/NETWORK/`)
  }
}

function field(json: Json, name: string): string | undefined {
  const value = typeof json === 'object' && json !== null && !Array.isArray(json) ? json[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function invalid(path: string, why: string): HoldfastError {
  return new HoldfastError('KEY_FILE_INVALID', `cannot read the key file ${path}: ${why}`)
}
