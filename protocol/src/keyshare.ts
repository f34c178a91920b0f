import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { CURVE_FACTS, CURVES, scalarFromBytes, type Curve } from './curves.ts'
import { HoldfastError } from './errors.ts'
import { parseStrictJson, stringifyJson, type Json } from './json.ts'

/**
 * One node's share of one domain's key, of one attempt of one epoch. `privateShare` is a scalar in the curve's own byte
 * order (secp256k1 big-endian, Ed25519 and BLS little-endian); `publicKey` the compressed *group* key.
 */
export type Keyshare = {
  epochId: bigint
  domainId: bigint
  attemptId: bigint
  curve: Curve
  privateShare: Uint8Array
  publicKey: Uint8Array
}

const SCALAR_LENGTH = 32
const U64_MAX = 2n ** 64n - 1n

/**
 * Reads near/mpc's keyshare JSON: an array of `{key_id: {epoch_id, domain_id, attempt_id}, data: {<curve>:
 * {private_share, public_key}}}`. Unknown fields are passed over, as near/mpc does; a share that could not have come
 * from a key generation is refused by name. Nothing here says that a share is genuine: see share-proof.ts.
 * @throws HoldfastError `INVALID_KEYSHARE` naming the place and the fault, or `INVALID_JSON`; never the share itself.
 */
export function parseKeyshares(text: string, what: string): Keyshare[] {
  const shares = readKeyshares(text, what)
  for (const [index, { curve, publicKey }] of shares.entries()) {
    const fault = groupElementFault(publicKey, curve)
    if (fault !== undefined) throw invalid(what, `[${index}].data.${curve}.public_key`, `the group key is ${fault}`)
  }
  return shares
}

/**
 * As `parseKeyshares`, but takes any bytes of the right length for a group key: for shares that are compared with a keyset
 * next (`proveKeyshares`). To look at the points of a thousand shares takes most of a second.
 */
export function readKeyshares(text: string, what: string): Keyshare[] {
  const json = parseStrictJson(text, what)
  if (!Array.isArray(json)) throw invalid(what, 'the top', 'expected an array of keyshares')
  return json.map((share, index) => parseKeyshare(share, what, `[${index}]`))
}

/** near/mpc's JSON text of shares, sorted by domain id, hex in lower case. */
export function serializeKeyshares(shares: readonly Keyshare[]): string {
  const sorted = shares.toSorted((a, b) => (a.domainId < b.domainId ? -1 : a.domainId > b.domainId ? 1 : 0))
  return stringifyJson(
    sorted.map(({ epochId, domainId, attemptId, curve, privateShare, publicKey }) => ({
      key_id: { epoch_id: epochId, domain_id: domainId, attempt_id: attemptId },
      data: { [curve]: { private_share: bytesToHex(privateShare), public_key: bytesToHex(publicKey) } },
    })),
  )
}

/** Overwrites the private shares with zeros, once they are no longer needed. */
export function wipeKeyshares(shares: readonly Keyshare[]): void {
  for (const { privateShare } of shares) privateShare.fill(0)
}

function parseKeyshare(json: Json, what: string, at: string): Keyshare {
  const keyId = fieldsOf(fieldsOf(json, what, at).key_id, what, `${at}.key_id`)
  const data = fieldsOf(fieldsOf(json, what, at).data, what, `${at}.data`)
  const [variant, ...others] = Object.keys(data)
  const curve = CURVES.find((name) => name === variant)
  if (curve === undefined || others.length > 0) {
    throw invalid(what, `${at}.data`, `expected exactly one of ${CURVES.join(', ')}`)
  }
  const output = fieldsOf(data[curve], what, `${at}.data.${curve}`)
  const place = `${at}.data.${curve}`
  return {
    epochId: parseU64(keyId.epoch_id, what, `${at}.key_id.epoch_id`),
    domainId: parseU64(keyId.domain_id, what, `${at}.key_id.domain_id`),
    attemptId: parseU64(keyId.attempt_id, what, `${at}.key_id.attempt_id`),
    curve,
    privateShare: parsePrivateShare(output.private_share, curve, what, `${place}.private_share`),
    publicKey: parseHex(output.public_key, CURVE_FACTS[curve].pointLength, what, `${place}.public_key`),
  }
}

function parsePrivateShare(json: Json | undefined, curve: Curve, what: string, at: string): Uint8Array {
  const bytes = parseHex(json, SCALAR_LENGTH, what, at)
  const { order, endianness } = CURVE_FACTS[curve]
  const scalar = scalarFromBytes(bytes, endianness)
  if (scalar === 0n) throw invalid(what, at, 'the share is zero')
  if (scalar >= order) throw invalid(what, at, "the share is not below the group's order")
  return bytes
}

function groupElementFault(bytes: Uint8Array, curve: Curve): string | undefined {
  const facts = CURVE_FACTS[curve]
  try {
    const point = facts.decode(bytes)
    if (point.is0()) return 'the identity'
    return facts.inPrimeOrderGroup(point) ? undefined : 'not in the prime-order group'
  } catch {
    return `not a point of ${curve}`
  }
}

function fieldsOf(json: Json | undefined, what: string, at: string): Record<string, Json> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid(what, at, 'expected an object')
  return json
}

function parseU64(json: Json | undefined, what: string, at: string): bigint {
  const value = typeof json === 'number' || typeof json === 'bigint' ? BigInt(json) : undefined
  if (value === undefined || value < 0n || value > U64_MAX)
    throw invalid(what, at, 'expected an unsigned 64-bit integer')
  return value
}

function parseHex(json: Json | undefined, length: number, what: string, at: string): Uint8Array {
  if (typeof json !== 'string' || json.length !== 2 * length || !/^[0-9a-fA-F]*$/.test(json)) {
    throw invalid(what, at, `expected ${2 * length} hex digits`)
  }
  return hexToBytes(json)
}

function invalid(what: string, at: string, fault: string): HoldfastError {
  return new HoldfastError('INVALID_KEYSHARE', `cannot use ${what}: at ${at}, ${fault}`)
}
