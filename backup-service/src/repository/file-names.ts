import { randomBytes } from 'node:crypto'

/** The names of a repository's files: REPOSITORY.md. Everything but a head is written once and never changed. */
export type FileName =
  | { kind: 'manifest'; keyId: string; sequence: number; hash: string }
  | { kind: 'head'; keyId: string }
  | { kind: 'data' | 'key'; slot: string; copy: string }
  | { kind: 'format-1'; slot: string; part: 'age' | 'json' | 'set-aside' }
  | { kind: 'other' }

const MANIFEST = /^manifest-([0-9a-f]{16})-([0-9]{8})-([0-9a-f]{16})\.signed$/
const HEAD = /^head-([0-9a-f]{16})\.signed$/
const SEALED = /^(epoch-[0-9]+-[0-9a-f]{32})\.([0-9a-f]{8})(\.key)?\.age$/
const FORMAT_1 = /^(epoch-[0-9]+-[0-9a-f]{32})\.(age|json|damaged-[0-9a-f]+)$/

const KEY_ID_LENGTH = 16
const HASH_LENGTH = 16
const MOST_MANIFESTS = 99_999_999

/** The first 16 hex digits of a raw public key: enough to tell the chains in one place apart. */
export function keyIdOf(publicKey: Uint8Array): string {
  return Buffer.from(publicKey).toString('hex').slice(0, KEY_ID_LENGTH)
}

/** @throws RangeError beyond 99,999,999 */
export function manifestName(keyId: string, sequence: number, hash: string): string {
  if (sequence > MOST_MANIFESTS) throw new RangeError(`a chain has at most ${MOST_MANIFESTS} manifests`)
  return `manifest-${keyId}-${String(sequence).padStart(8, '0')}-${hash.slice(0, HASH_LENGTH)}.signed`
}

export function headName(keyId: string): string {
  return `head-${keyId}.signed`
}

/** Names for one more pair of files of a slot: never used before, so that nothing is ever written over. */
export function newSealedNames(slot: string): { data: string; key: string } {
  const copy = randomBytes(4).toString('hex')
  return { data: `${slot}.${copy}.age`, key: `${slot}.${copy}.key.age` }
}

/** The file with the key of a snapshot's data file. */
export function keyFileOf(data: string): string {
  return data.replace(/\.age$/, '.key.age')
}

export function parseFileName(name: string): FileName {
  const manifest = MANIFEST.exec(name)
  if (manifest !== null) {
    const [, keyId = '', sequence, hash = ''] = manifest
    return { kind: 'manifest', keyId, sequence: Number(sequence), hash }
  }
  const head = HEAD.exec(name)
  if (head !== null) return { kind: 'head', keyId: head[1] ?? '' }
  const sealed = SEALED.exec(name)
  if (sealed !== null) {
    const [, slot = '', copy = '', key] = sealed
    return { kind: key === undefined ? 'data' : 'key', slot, copy }
  }
  const [, slot, part] = FORMAT_1.exec(name) ?? []
  if (slot === undefined || part === undefined) return { kind: 'other' }
  return { kind: 'format-1', slot, part: part === 'age' || part === 'json' ? part : 'set-aside' }
}
