import { fromHex } from '../hex.ts'
import type { Cryptography } from '../ports.ts'
import { refuse } from '../refusal.ts'
import type { Curve } from '../types.ts'
import { list, present, show, text } from './arguments.ts'

/**
 * The commitments' form: null for BLS; else t texts, the first of which is the group key. Whether they are points is
 * `checkCommitments`' question, asked once per list and not once per vote.
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
 * Every commitment is the canonical encoding, in lower-case hex, of a point of prime order.
 * @throws Refusal INVALID_COMMITMENTS
 */
export function checkCommitments(commitments: string[], curve: Curve, cryptography: Cryptography): void {
  // the first one is the group key, which has been checked
  for (let index = 1; index < commitments.length; index++) {
    const hex = commitments[index] as string
    if (!isPoint(hex, curve, cryptography)) {
      refuse(
        'INVALID_COMMITMENTS',
        `commitments[${index}] must be a point of prime order on ${curve} in hex, found ${show(hex)}`,
      )
    }
  }
}

function isPoint(hex: string, curve: Curve, cryptography: Cryptography): boolean {
  if (curve === 'Edwards25519') {
    const bytes = fromHex(hex, 32)
    return bytes !== null && cryptography.classifyEd25519(bytes) === 2
  }
  const bytes = fromHex(hex, 33)
  return bytes !== null && (bytes[0] === 2 || bytes[0] === 3) && cryptography.secp256k1Point(bytes) !== null
}
