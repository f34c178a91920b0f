import { fromHex } from '../hex.ts'
import type { Cryptography } from '../ports.ts'
import { refuse } from '../refusal.ts'
import type { Curve } from '../types.ts'
import { list, present, show, text } from './arguments.ts'

/**
 * The commitments' form: null for BLS; else t texts, the first of which is the group key. Whether they are points is
 * `checkCommitments`' question, asked once per point and not once per vote.
 * @throws Refusal INVALID_COMMITMENTS, MISSING_ARGUMENT, INVALID_ARGUMENT
 */
export function readCommitments(
  value: unknown,
  curve: Curve,
  threshold: number,
  groupKeyHex: string | null,
): string[] | null {
  if (curve === 'Bls12381') {
    if (value !== null && value !== undefined)
      refuse('INVALID_COMMITMENTS', 'a BLS domain has none: commitments must be null')
    return null
  }
  present(value, 'commitments')
  const given = list(value, 'commitments', 1024).map((entry, index) => text(entry, `commitments[${index}]`))
  if (given.length !== threshold) {
    refuse(
      'INVALID_COMMITMENTS',
      `a reconstruction threshold of ${threshold} needs as many commitments, found ${given.length}`,
    )
  }
  if (given[0] !== groupKeyHex) {
    refuse('INVALID_COMMITMENTS', `commitments[0] must be the group key ${groupKeyHex}, found ${show(given[0])}`)
  }
  return given
}

/**
 * So many points are checked by one vote, at 0.9 Tgas each: 60 of them in one call would cost more than a wallet attaches.
 * The first vote checks the first ones, the next vote the next ones. All are checked before the last vote, since there are no
 * more commitments than participants, and everybody votes for the same list.
 */
const POINTS_PER_VOTE = 16

/** Lower-case hex of so many bytes as a point has. */
const FORMS = { Edwards25519: /^[\da-f]{64}$/, Secp256k1: /^0[23][\da-f]{64}$/, Bls12381: /^$/ }

/**
 * Those commitments that it falls to a vote to check, after so many others for the same list, are canonical encodings, in
 * lower-case hex, of points of prime order. That all of them have the form of one is for the first vote to check: from then on
 * `state` shows them, and whoever reads it must not stumble over a text of one voter's choice.
 * @throws Refusal INVALID_COMMITMENTS
 */
export function checkCommitments(
  commitments: string[],
  curve: Curve,
  cryptography: Cryptography,
  votesBefore: number,
): void {
  // the first one is the group key, which has been checked
  const first = 1 + votesBefore * POINTS_PER_VOTE
  const end = Math.min(first + POINTS_PER_VOTE, commitments.length)
  for (let index = first; index < end; index++) {
    const hex = commitments[index] as string
    if (!isPoint(hex, curve, cryptography)) refuseCommitment(index, hex, curve)
  }
  if (votesBefore > 0) return
  for (let index = end; index < commitments.length; index++) {
    const hex = commitments[index] as string
    if (!FORMS[curve].test(hex)) refuseCommitment(index, hex, curve)
  }
}

function refuseCommitment(index: number, hex: string, curve: Curve): never {
  refuse(
    'INVALID_COMMITMENTS',
    `commitments[${index}] must be a point of prime order on ${curve} in hex, found ${show(hex)}`,
  )
}

function isPoint(hex: string, curve: Curve, cryptography: Cryptography): boolean {
  if (curve === 'Edwards25519') {
    const bytes = fromHex(hex, 32)
    return bytes !== null && cryptography.classifyEd25519(bytes) === 2
  }
  const bytes = fromHex(hex, 33)
  return bytes !== null && (bytes[0] === 2 || bytes[0] === 3) && cryptography.secp256k1Point(bytes) !== null
}
