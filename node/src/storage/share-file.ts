import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { parseKeyshares, serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { StoredShare } from '../ports.ts'
import type { ShareSet } from './acceptance.ts'

const VERSION = 1

/** The text of a share file: `{"version":1,"epoch_id":N,"shares":[{"keyshare":…near/mpc's…,"key":…,"commitments":…}]}`. */
export function serializeShareFile({ epochId, shares }: ShareSet): string {
  const entries = shares.map(({ share, key, commitments }) => ({
    keyshare: (parseJson(serializeKeyshares([share]), 'a key share') as Json[])[0],
    key,
    commitments,
  }))
  return stringifyJson({ version: VERSION, epoch_id: epochId, shares: entries })
}

/**
 * Reads a share file.
 * @throws HoldfastError `SHARES_DAMAGED`, naming the file and never quoting it
 */
export function parseShareFile(text: string, path: string): ShareSet {
  try {
    const file = asObject(parseJson(text, path))
    if (file['version'] !== VERSION) throw damaged(path, `version ${String(file['version'])}, expected ${VERSION}`)
    if (!Array.isArray(file['shares'])) throw damaged(path, 'no list of shares')
    return { epochId: asInteger(file['epoch_id']), shares: file['shares'].map((entry) => parseEntry(entry, path)) }
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'SHARES_DAMAGED') throw error
    throw damaged(path, errorMessage(error))
  }
}

function parseEntry(json: Json, path: string): StoredShare {
  const entry = asObject(json)
  const { key, commitments } = entry
  const [share, ...rest] = parseKeyshares(stringifyJson([entry['keyshare']]), path)
  if (share === undefined || rest.length > 0 || typeof key !== 'string') throw damaged(path, 'an incomplete entry')
  if (commitments !== null && !isTextList(commitments)) throw damaged(path, 'an entry without commitments')
  return { share, key, commitments }
}

function asObject(json: Json | undefined): Record<string, Json> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  throw new TypeError('an object is missing')
}

function asInteger(json: Json | undefined): bigint {
  if (typeof json === 'bigint' || Number.isSafeInteger(json)) return BigInt(json as bigint | number)
  throw new TypeError('an epoch is missing')
}

function isTextList(json: Json | undefined): json is string[] {
  return Array.isArray(json) && json.every((item) => typeof item === 'string')
}

function damaged(path: string, found: string): HoldfastError {
  return new HoldfastError(
    'SHARES_DAMAGED',
    `cannot read the key shares in ${path}: found ${found}; the file was left as it is. Check the disk; if it cannot be ` +
      'repaired, set up this node in a new home and let it recover',
  )
}
