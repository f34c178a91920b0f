import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseStrictJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { asObject } from './snapshot.ts'

/** What a signed text may be. It stands in the text's first line, so that no signature passes for one of another kind. */
export type NoteKind = 'manifest' | 'head'

export type NoteSigner = { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array }

/** A note whose signature is good. Whose signature it is, is for the reader to judge. */
export type Note = { publicKey: Uint8Array; body: Record<string, Json> }

const FORMAT = 'holdfast/repository/2'
const SIGNATURE = 'signature '
const SIGNATURE_LINE = /\nsignature ([A-Za-z0-9+/]{86}==)\n$/
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Signs with the service's TLS key: the one that the contract names, so that anybody can tell whose repository it is. */
export function noteSigner(tlsSeed: Uint8Array): NoteSigner {
  const { keyPem, publicKey } = createTlsIdentity(tlsSeed)
  const key = createPrivateKey(keyPem)
  return { publicKey, sign: (message) => sign(null, message, key) }
}

/**
 * A text of three parts: one line `holdfast/repository/2 <kind>`, JSON, one line `signature <base64>`. The Ed25519
 * signature (RFC 8032) is over every byte before its own line. Neither a TLS handshake nor a NEAR transaction hash can
 * be such bytes: the first starts with spaces, the second has 32 bytes.
 */
export function signNote(kind: NoteKind, body: Record<string, unknown>, signer: NoteSigner): Uint8Array {
  const signed_by = Buffer.from(signer.publicKey).toString('hex')
  const message = Buffer.from(`${FORMAT} ${kind}\n${stringifyJson({ signed_by, ...body }, 1)}\n`)
  const signature = Buffer.from(signer.sign(message)).toString('base64')
  return Buffer.concat([message, Buffer.from(`${SIGNATURE}${signature}\n`)])
}

/**
 * Reads a note and checks its signature under the key that it names.
 * @throws HoldfastError `NOTE_INVALID` where it is none of this kind, `NOTE_FORGED` where the signature is not that key's
 */
export function parseNote(kind: NoteKind, bytes: Uint8Array, what: string): Note {
  const text = Buffer.from(bytes).toString()
  const line = SIGNATURE_LINE.exec(text)
  const start = `${FORMAT} ${kind}\n`
  if (line === null || !text.startsWith(start)) throw invalid(what, `it is no signed ${kind}`)
  const at = line.index + 1
  const signature = Buffer.from(line[1] ?? '', 'base64')
  const body = jsonOf(text.slice(start.length, at), what)
  const publicKey = publicKeyOf(body, what)
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
  const message = Buffer.from(text.slice(0, at))
  // A text that is not UTF-8 would be checked as another one than was written.
  const isWhole = Buffer.compare(message, Buffer.from(bytes).subarray(0, message.length)) === 0
  if (isWhole && signature.length === 64 && verify(null, message, key, signature)) return { publicKey, body }
  throw new HoldfastError(
    'NOTE_FORGED',
    `refusing ${what}: its signature is not made by the key ${publicKey.toString('hex').slice(0, 16)}… that it names`,
  )
}

function jsonOf(text: string, what: string): Record<string, Json> {
  try {
    return asObject(parseStrictJson(text, what), what)
  } catch {
    throw invalid(what, 'what it says is not JSON')
  }
}

function publicKeyOf({ signed_by }: Record<string, Json>, what: string): Buffer {
  if (typeof signed_by === 'string' && /^[0-9a-f]{64}$/.test(signed_by)) return Buffer.from(signed_by, 'hex')
  throw invalid(what, 'it does not name its key')
}

function invalid(what: string, found: string): HoldfastError {
  return new HoldfastError('NOTE_INVALID', `cannot use ${what}: ${found}`)
}
