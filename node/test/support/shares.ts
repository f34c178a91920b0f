import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, numberToBytesLE } from '@noble/curves/utils.js'
import type { KeyForDomain, Keyset } from '@holdfast/protocol/contract-state.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import { formatEd25519Key } from '@holdfast/protocol/near-key.ts'
import type { StoredShare } from '../../src/ports.ts'

const { Point } = ed25519

/** A key whose polynomial the test knows: f(x) = coefficients[0] + coefficients[1]·x + … */
export type KnownKey = { domain: bigint; epoch: bigint; attempt: bigint; coefficients: bigint[] }

export function knownKey(domain: number, changes: Partial<KnownKey> = {}): KnownKey {
  const seed = BigInt(domain + 1) * 1_000_003n
  return { domain: BigInt(domain), epoch: 4n, attempt: 0n, coefficients: [seed, seed * 7n + 1n], ...changes }
}

export function keyForDomain({ domain, attempt, coefficients }: KnownKey): KeyForDomain {
  const commitments = coefficients.map((c) => Point.BASE.multiply(c).toBytes())
  const groupKey = commitments[0] ?? new Uint8Array()
  return {
    domain_id: domain,
    key: { Ed25519: { near_public_key_compressed: formatEd25519Key(groupKey) } },
    attempt,
    commitments: commitments.map((c) => bytesToHex(c)),
  }
}

export function keysetOf(keys: KnownKey[]): Keyset {
  return { epoch_id: keys[0]?.epoch ?? 0n, domains: keys.map(keyForDomain) }
}

/** The keyset as a client sends it. */
export function keysetText(keys: KnownKey[]): string {
  const { epoch_id, domains } = keysetOf(keys)
  return JSON.stringify({
    epoch_id: Number(epoch_id),
    domains: domains.map((d) => ({ ...d, domain_id: Number(d.domain_id), attempt: Number(d.attempt) })),
  })
}

export function shareOf({ domain, epoch, attempt, coefficients }: KnownKey, participantId: number): Keyshare {
  const x = BigInt(participantId + 1)
  const value = coefficients.reduceRight((sum, c) => Point.Fn.create(sum * x + c), 0n)
  return {
    epochId: epoch,
    domainId: domain,
    attemptId: attempt,
    curve: 'Ed25519',
    privateShare: numberToBytesLE(value, 32),
    publicKey: Point.BASE.multiply(coefficients[0] ?? 1n).toBytes(),
  }
}

export function storedShare(key: KnownKey, participantId = 0): StoredShare {
  const { key: groupKey, commitments } = keyForDomain(key)
  const text = 'Ed25519' in groupKey ? groupKey.Ed25519.near_public_key_compressed : ''
  return { share: shareOf(key, participantId), key: text, commitments }
}
