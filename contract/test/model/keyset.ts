import { base58 } from '@scure/base'
import type { Json } from '../../../protocol/src/json.ts'
import { keysetDigest } from '../../../protocol/src/keyset-digest.ts'
import type { PublicKeyExtended } from '../../../protocol/src/contract-state.ts'
import type { Key, Running } from './model.ts'

/** A group key in near/mpc's JSON, from its near text. */
export function keyJson(text: string): Json & PublicKeyExtended {
  if (text.startsWith('ed25519:')) {
    const edwards_point = [...base58.decode(text.slice('ed25519:'.length))]
    return { Ed25519: { near_public_key_compressed: text, edwards_point } }
  }
  if (text.startsWith('secp256k1:')) return { Secp256k1: { near_public_key: text } }
  return { Bls12381: { public_key: text } }
}

export interface KeysetJson {
  readonly epoch_id: bigint
  readonly domains: readonly Json[]
}

export function keysJson(keys: readonly Key[]): Json[] {
  return keys.map(({ domain_id, key, attempt, commitments }) => ({
    domain_id,
    key: keyJson(key),
    attempt,
    commitments: commitments === null ? null : [...commitments],
  }))
}

/** The keyset as `state` shows it. */
export function keysetJson({ epoch, keys }: Pick<Running, 'epoch' | 'keys'>): KeysetJson {
  return { epoch_id: epoch, domains: keysJson(keys) }
}

export function digestOf({ epoch, keys }: Pick<Running, 'epoch' | 'keys'>): string {
  const domains = keys.map(({ key, ...rest }) => ({ ...rest, key: keyJson(key) }))
  return keysetDigest({ epoch_id: epoch, domains } as Parameters<typeof keysetDigest>[0])
}

/** A client's keyset is the live one, in its order; older clients leave out commitments and `edwards_point`. */
export function sameKeyset(given: unknown, live: Pick<Running, 'epoch' | 'keys'>): boolean {
  const { epoch_id, domains } = given as { epoch_id: bigint; domains: GivenKey[] }
  if (epoch_id !== live.epoch || domains.length !== live.keys.length) return false
  return live.keys.every((key, index) => sameKey(domains[index] as GivenKey, key))
}

interface GivenKey {
  readonly domain_id: bigint
  readonly key: Record<string, Record<string, unknown>>
  readonly attempt: bigint
  readonly commitments?: readonly string[] | null
}

function sameKey(given: GivenKey, live: Key): boolean {
  const [[kind, fields] = ['', {}]] = Object.entries(given.key)
  const liveFields = (keyJson(live.key) as Record<string, Record<string, unknown>>)[kind]
  if (given.domain_id !== live.domain_id || given.attempt !== live.attempt || liveFields === undefined) return false
  const sameFields = Object.entries(fields).every(([name, value]) => String(value) === String(liveFields[name]))
  return sameFields && (given.commitments === undefined || String(given.commitments) === String(live.commitments))
}
