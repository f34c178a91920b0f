import type { Ledger } from '../ledger.ts'
import { refuse } from '../refusal.ts'
import type { KeyForDomain } from '../types.ts'
import { DOMAINS_MAX } from './domains.ts'
import { fields, type Fields, list, present, show, text, u64 } from './arguments.ts'
import { groupKeyText } from './group-key.ts'

/**
 * A node that concludes sends the keyset whose shares it holds: it must be the live one.
 * @throws Refusal KEYSET_MISMATCH; MISSING_ARGUMENT, INVALID_ARGUMENT, UNKNOWN_ARGUMENT if it is not the JSON of a keyset
 */
export function requireLiveKeyset(value: unknown, ledger: Ledger): void {
  const difference = keysetDifference(value, ledger)
  if (difference !== null) refuse('KEYSET_MISMATCH', `the submitted keyset is not the live one: ${difference}`)
}

/**
 * How a submitted keyset (near/mpc's JSON) differs from the live one: a sentence, or null if it does not. Epoch, order of
 * domains, ids, keys and attempts must all be equal; commitments and `edwards_point` may be left out.
 */
function keysetDifference(value: unknown, ledger: Ledger): string | null {
  const live = ledger.keyset.read()
  present(value, 'keyset')
  const given = fields(value, 'keyset', ['epoch_id', 'domains'])
  const epoch = u64(given.epoch_id, 'keyset.epoch_id')
  const domains = list(given.domains, 'keyset.domains', DOMAINS_MAX).map((entry, index) => {
    const path = `keyset.domains[${index}]`
    const domain = fields(entry, path, ['domain_id', 'key', 'attempt', 'commitments'])
    return {
      id: u64(domain.domain_id, `${path}.domain_id`),
      attempt: u64(domain.attempt, `${path}.attempt`),
      key: keyText(domain.key, `${path}.key`),
      point: edwardsPoint(domain.key),
      commitments: domain.commitments,
    }
  })
  if (epoch !== live.epoch_id) return `epoch ${live.epoch_id} is live, found ${epoch}`
  if (domains.length !== live.domains.length) return `${live.domains.length} domains are live, found ${domains.length}`
  for (let i = 0; i < domains.length; i++) {
    const found = domains[i] as (typeof domains)[number]
    const expected = live.domains[i] as KeyForDomain
    const id = expected.domain_id
    if (found.id !== id) return `domain ${id} is at place ${i}, found ${found.id}`
    if (found.attempt !== expected.attempt)
      return `attempt ${expected.attempt} of domain ${id} is live, found ${found.attempt}`
    const key = groupKeyText(expected.key)
    if (found.key !== key) return `the key of domain ${id} is ${key}, found ${show(found.key)}`
    if (found.point !== undefined && !samePoint(found.point, expected)) {
      return `the edwards_point of domain ${id} is another one`
    }
    if (found.commitments !== undefined && !sameTexts(found.commitments, ledger.commitmentsText(epoch, id))) {
      return `the commitments of domain ${id} are others`
    }
  }
  return null
}

function keyText(value: unknown, path: string): string {
  present(value, path)
  const key = fields(value, path, Object.keys(KEY_FIELDS))
  const [variant, ...others] = Object.keys(key) as (keyof typeof KEY_FIELDS)[]
  if (variant === undefined || others.length > 0) {
    refuse('INVALID_ARGUMENT', `${path} must have one of ${Object.keys(KEY_FIELDS).join(', ')}, and nothing else`)
  }
  present(key[variant], `${path}.${variant}`)
  const [field, ...further] = KEY_FIELDS[variant]
  const body = fields(key[variant], `${path}.${variant}`, [field, ...further])
  return text(body[field], `${path}.${variant}.${field}`)
}

/** Of each kind of key: the field that holds its text, then those that may be beside it. */
const KEY_FIELDS = {
  Secp256k1: ['near_public_key'],
  Ed25519: ['near_public_key_compressed', 'edwards_point'],
  Bls12381: ['public_key'],
} as const

function edwardsPoint(value: unknown): unknown {
  return ((value as Fields).Ed25519 as Fields | undefined)?.edwards_point
}

function samePoint(found: unknown, expected: KeyForDomain): boolean {
  if (!('Ed25519' in expected.key) || !Array.isArray(found)) return false
  const { edwards_point } = expected.key.Ed25519
  return found.length === edwards_point.length && edwards_point.every((byte, index) => found[index] === byte)
}

/**
 * Is it the list of texts that this is the JSON of? The contract's commitments are all of one length and have nothing to
 * escape, so the texts can be joined, at a third of the price of writing them as JSON. Only texts are: what a caller sends may
 * be nested deeply.
 */
function sameTexts(found: unknown, expected: string): boolean {
  if (found === null) return expected === 'null'
  if (!Array.isArray(found)) return false
  const [first] = found as unknown[]
  if (typeof first !== 'string' || first.includes('"')) return false
  const { length } = first
  return (
    found.every((entry) => typeof entry === 'string' && entry.length === length) &&
    `["${found.join('","')}"]` === expected
  )
}
