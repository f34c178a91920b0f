import { accountIdProblem } from '../primitives/account-id.ts'
import { fromBase58 } from '../primitives/bytes.ts'
import { parsePublicKey, type PublicKey } from '../primitives/public-key.ts'
import { argumentError } from './errors.ts'

export type Params = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parameters as an object; a list is the older form and stays with the methods that know it. */
export function objectParams(params: unknown): Params {
  if (isObject(params)) return params
  throw argumentError('invalid type: expected a map')
}

export function requireString(params: Params, name: string): string {
  const value = params[name]
  if (value === undefined) throw argumentError(`missing field \`${name}\``)
  if (typeof value !== 'string') throw argumentError(`invalid type: ${describe(value)}, expected a string`)
  return value
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'sequence'
  switch (typeof value) {
    case 'number':
      return `integer \`${value}\``
    case 'boolean':
      return `boolean \`${value}\``
    case 'string':
      return `string "${value}"`
    default:
      return 'map'
  }
}

export function checkAccountId(text: string): string {
  const problem = accountIdProblem(text)
  if (problem !== null) throw argumentError(`invalid value: "${text}", ${problem}`)
  return text
}

export const requireAccountId = (params: Params, name: string): string => checkAccountId(requireString(params, name))

export function requirePublicKey(params: Params, name: string): PublicKey {
  const parsed = parsePublicKey(requireString(params, name))
  if (!parsed.ok) throw argumentError(parsed.problem)
  return parsed.key
}

/** A 32-byte hash in base 58, or null. */
export function parseHash(text: string): string | null {
  try {
    return fromBase58(text).length === 32 ? text : null
  } catch {
    return null
  }
}

export function requireHash(params: Params, name: string): string {
  const text = requireString(params, name)
  if (parseHash(text) === null) throw argumentError(`invalid hash in \`${name}\`: expected 32 bytes in base 58`)
  return text
}

/** Decodes strict base64; problems in the words of Rust's base64 crate. */
export function decodeBase64(text: string): { ok: true; bytes: Uint8Array } | { ok: false; problem: string } {
  const bad = /[^A-Za-z0-9+/=]/.exec(text)
  if (bad !== null) {
    const offset = bad.index
    return { ok: false, problem: `Invalid byte ${text.charCodeAt(offset)}, offset ${offset}.` }
  }
  if (text.length % 4 !== 0) return { ok: false, problem: 'Invalid padding' }
  return { ok: true, bytes: new Uint8Array(Buffer.from(text, 'base64')) }
}

export function requireBase64(params: Params, name: string): Uint8Array {
  const decoded = decodeBase64(requireString(params, name))
  if (!decoded.ok) throw argumentError(decoded.problem)
  return decoded.bytes
}
