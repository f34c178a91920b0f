import { ed25519Key, groupKey, type GroupKey } from '../../support/keys.ts'
import type { Domain } from '../model.ts'
import type { Dice } from './dice.ts'

/** Some are what every object has, some what an array or a map has, some look like an index. */
const NAMES = ['constructor', '10', 'op2.near', 'length', '00', 'size', 'alice.near', 'keys', 'valueof', 'get']

/** Account number i of those that take part or would like to. */
export function name(i: number): string {
  return NAMES[i] ?? `op${i}.near`
}

export const STRANGERS = ['eve.near', 'entries', '7-7', 'tostring', 'mallory.near']

/** One of so many strangers that not all of them can be candidates. */
export function passerBy(dice: Dice): string {
  return `stranger${dice.below(80)}.near`
}

const keys = new Map<number, string>()

function key(n: number): string {
  const known = keys.get(n) ?? ed25519Key(n)
  keys.set(n, known)
  return known
}

const TLS_KEYS = 240
const SIGNER_KEYS = 24

/** The TLS key with which participant i starts. */
export function firstTlsKey(i: number): string {
  return key(i)
}

/** Any key of those the story knows; they are few, so that they meet again. */
export function tlsKey(dice: Dice): string {
  return key(dice.below(TLS_KEYS))
}

export function signerKey(dice: Dice): string {
  return key(1_000 + dice.below(SIGNER_KEYS))
}

export function url(dice: Dice): string {
  return `http://node${dice.below(12)}.example:80`
}

export function hash(dice: Dice): string {
  return dice
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0')
    .repeat(8)
}

const groupKeys = new Map<string, GroupKey>()

/** A group key with its commitments, made up; the same number makes the same. */
export function madeUpKey({ protocol, reconstruction_threshold }: Domain, n: number): GroupKey {
  const t = Math.max(1, Number(reconstruction_threshold))
  const id = `${protocol} ${t} ${n}`
  const known = groupKeys.get(id) ?? groupKey(protocol, t, n)
  groupKeys.set(id, known)
  return known
}
