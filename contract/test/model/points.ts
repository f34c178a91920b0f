import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { base58 } from '@scure/base'
import type { Domain } from './model.ts'

const known = new Map<string, boolean>()

function remembered(text: string, judge: () => boolean): boolean {
  const before = known.get(text)
  if (before !== undefined) return before
  let verdict = false
  try {
    verdict = judge()
  } catch {
    verdict = false
  }
  known.set(text, verdict)
  return verdict
}

/** The group key in near text is one of the domain's curve. */
export function isGroupKey(text: string, { protocol }: Domain): boolean {
  const [curve, encoded = ''] = text.split(':')
  return remembered(`${protocol} ${text}`, () => {
    const bytes = base58.decode(encoded)
    switch (protocol) {
      case 'Frost':
        return curve === 'ed25519' && isPoint(Buffer.from(bytes).toString('hex'), protocol)
      case 'ConfidentialKeyDerivation':
        return curve === 'bls12381g2' && bytes.length === 96
      default:
        secp256k1.Point.fromBytes(Uint8Array.from([4, ...bytes])).assertValidity()
        return curve === 'secp256k1' && bytes.length === 64
    }
  })
}

const CHECKED_AT_ONCE = 16

/**
 * t canonical points of prime order, the first of them the group key; none for BLS. The votes for a list share the work: who
 * votes after so many `earlier` ones looks at the points after theirs, and the first that all look like points.
 */
export function areCommitments(list: readonly string[] | null, key: string, domain: Domain, earlier: number): boolean {
  if (domain.protocol === 'ConfidentialKeyDerivation') return list === null
  if (list === null || BigInt(list.length) !== domain.reconstruction_threshold) return false
  const mine = list.slice(earlier * CHECKED_AT_ONCE, (earlier + 1) * CHECKED_AT_ONCE)
  const length = domain.protocol === 'Frost' ? 64 : 66
  const formed = earlier > 0 || list.every((hex) => hex.length === length && /^[0-9a-f]+$/.test(hex))
  return formed && list[0] === compressed(key) && mine.every((hex) => isPoint(hex, domain.protocol))
}

function isPoint(hex: string, protocol: Domain['protocol']): boolean {
  return remembered(`${protocol} ${hex}`, () => {
    if (!/^([0-9a-f]{2})+$/.test(hex)) return false
    if (protocol !== 'Frost') return hex.length === 66 && secp256k1.Point.fromHex(hex).toHex(true) === hex
    const point = ed25519.Point.fromHex(hex, false)
    return !point.is0() && point.isTorsionFree()
  })
}

function compressed(key: string): string {
  const [curve, encoded = ''] = key.split(':')
  const bytes = base58.decode(encoded)
  if (curve === 'ed25519') return Buffer.from(bytes).toString('hex')
  return secp256k1.Point.fromBytes(Uint8Array.from([4, ...bytes])).toHex(true)
}
