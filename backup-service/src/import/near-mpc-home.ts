import { createDecipheriv } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { parseStrictJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { NEAR_MPC_SECRETS, readNearMpcStorageKey } from './near-mpc-secrets.ts'
import { readRegularFile } from './regular-file.ts'

/** One file of key shares as it lay there: `keyshares` is near/mpc's keyshare JSON, neither parsed nor proved. */
export type FoundShares = { file: string; epochId: bigint; keyshares: string }
/** A file that holds none that can be read, and why. */
export type UnreadableFile = { file: string; code: string; reason: string }
export type NearMpcHome = { found: FoundShares[]; unreadable: UnreadableFile[] }

/** A hard link to the newest file; the only one that near/mpc itself reads. */
const NEWEST = 'key'
const ALL = 'permanent_keys'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const LEGACY_KEY_ID = { domain_id: 0, attempt_id: 0 }

/**
 * Reads the home directory of near/mpc's backup-cli (near-mpc.md 4.6): AES-128-GCM files under a key in `secrets.json`. `key`
 * comes first and then every other file, newest name first: after a crash between near/mpc's unlink and link, `key` is
 * missing and the shares are there all the same. A file that cannot be read is named and hides no other.
 * @throws HoldfastError `NEAR_MPC_HOME_INVALID` where there is no such home, or its key cannot be read; never quotes a secret
 */
export async function readNearMpcHome(directory: string): Promise<NearMpcHome> {
  const key = await readNearMpcStorageKey(directory)
  const home: NearMpcHome = { found: [], unreadable: [] }
  const seen = new Set<string>()
  for (const file of [NEWEST, ...(await permanentFiles(directory))]) {
    try {
      const sealed = await readRegularFile(join(directory, file)).catch((error: NodeJS.ErrnoException) => {
        const why = isHoldfastError(error) ? error.message : error.code
        throw unreadable('NEAR_MPC_FILE_UNREADABLE', `it cannot be read (${why})`)
      })
      const content = sealed.toString('latin1')
      if (!seen.has(content)) home.found.push({ file, ...parse(decrypt(sealed, key), file) })
      seen.add(content)
    } catch (error) {
      if (!isHoldfastError(error)) throw error
      home.unreadable.push({ file, code: error.code, reason: error.message })
    }
  }
  return home
}

async function permanentFiles(directory: string): Promise<string[]> {
  const names = await readdir(join(directory, ALL)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw invalidHome(`cannot list ${join(directory, ALL)} (${error.code}); check its owner and mode`)
  })
  const byNumber = new Intl.Collator('en', { numeric: true })
  return names.toSorted((a, b) => byNumber.compare(b, a)).map((name) => `${ALL}/${name}`)
}

function decrypt(sealed: Buffer, key: Uint8Array): string {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) {
    const least = NONCE_BYTES + TAG_BYTES
    throw unreadable('NEAR_MPC_FILE_CUT', `it is cut off: found ${sealed.length} bytes, expected at least ${least}`)
  }
  const decipher = createDecipheriv('aes-128-gcm', key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
    decipher.final()
    return opened.toString('utf8')
  } catch {
    throw unreadable(
      'NEAR_MPC_FILE_UNDECRYPTABLE',
      `it does not open with the key in ${NEAR_MPC_SECRETS}: it is damaged or cut off, or was written under another key ` +
        '(backup-cli generate-keys replaces the key without asking)',
    )
  }
}

function parse(plaintext: string, file: string): Omit<FoundShares, 'file'> {
  const json = parseStrictJson(plaintext, `the content of ${file}`)
  if (isObject(json) && isInteger(json['epoch_id']) && Array.isArray(json['keyshares']))
    return { epochId: BigInt(json['epoch_id']), keyshares: stringifyJson(json['keyshares']) }
  if (isObject(json) && isInteger(json['epoch'])) return parseLegacy(json, BigInt(json['epoch']))
  throw unreadable(
    'NEAR_MPC_FILE_INVALID',
    'it opens, and holds neither epoch_id and keyshares nor the form before them',
  )
}

/** One ECDSA share without a key id, from before there were domains: near/mpc reads it as domain 0, attempt 0. */
function parseLegacy({ private_share, public_key }: Record<string, Json>, epochId: bigint): Omit<FoundShares, 'file'> {
  if (typeof private_share !== 'string' || typeof public_key !== 'string') {
    throw unreadable('NEAR_MPC_FILE_INVALID', 'it is of the form before domains, and its share or key is missing')
  }
  const share = {
    key_id: { epoch_id: epochId, ...LEGACY_KEY_ID },
    data: { Secp256k1: { private_share: private_share.toLowerCase(), public_key: public_key.toLowerCase() } },
  }
  return { epochId, keyshares: stringifyJson([share]) }
}

function isObject(json: Json): json is Record<string, Json> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isInteger(json: Json | undefined): json is number | bigint {
  return typeof json === 'bigint' || Number.isSafeInteger(json)
}

function unreadable(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message)
}

function invalidHome(message: string): HoldfastError {
  return new HoldfastError('NEAR_MPC_HOME_INVALID', message)
}
