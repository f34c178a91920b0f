import type { Cryptography } from '../ports.ts'
import { refuse } from '../refusal.ts'
import type { NodeInfo } from '../types.ts'
import { type Fields, fields, show, text } from './arguments.ts'

const ED25519 = 'ed25519:'
const URL_MAX_CHARACTERS = 256
/**
 * Visible ASCII but " and \, which no url has (RFC 3986) and which JSON would store as two bytes; what a url means is the
 * nodes' affair, as in near/mpc.
 */
const URL = /^[!#-[\]-~]+$/

/**
 * An Ed25519 key in near text: canonical base58 of 32 bytes that are a point of the curve, so that a slip of the pen is
 * refused here and not found out when a node cannot be reached. Not a point of small order: anybody can sign for those.
 * @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT
 */
export function ed25519Key(value: unknown, path: string, cryptography: Cryptography): string {
  const key = text(value, path)
  const bytes = key.startsWith(ED25519) ? cryptography.decodeBase58(key.slice(ED25519.length), 32) : null
  if (bytes === null) refuse('INVALID_ARGUMENT', `${path} must be ed25519: and base58 of 32 bytes, found ${show(key)}`)
  if (!cryptography.isEd25519Key(bytes)) {
    refuse('INVALID_ARGUMENT', `${path} must be a point of Edwards25519 that is not of small order, found ${key}`)
  }
  return key
}

/** @throws Refusal MISSING_ARGUMENT, INVALID_ARGUMENT */
export function url(value: unknown, path: string): string {
  const found = text(value, path)
  if (found.length > URL_MAX_CHARACTERS || !URL.test(found)) {
    refuse(
      'INVALID_ARGUMENT',
      `${path} must be 1 to ${URL_MAX_CHARACTERS} visible ASCII characters without quotes and backslashes, found ${show(found)}`,
    )
  }
  return found
}

/** `{url, tls_public_key}`. @throws Refusal */
export function nodeInfo(value: unknown, path: string, cryptography: Cryptography): NodeInfo {
  return readNodeInfo(fields(value ?? {}, path, ['url', 'tls_public_key']), path, cryptography)
}

/** The two fields of a node's info out of an object whose field names are checked already. @throws Refusal */
export function readNodeInfo(info: Fields, path: string, cryptography: Cryptography): NodeInfo {
  return {
    url: url(info.url, `${path}.url`),
    tls_public_key: ed25519Key(info.tls_public_key, `${path}.tls_public_key`, cryptography),
  }
}
