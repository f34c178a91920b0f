import type { KeyForDomain, Keyset } from './contract-state.ts'
import { falseClaims, type Claim } from './batch-proof.ts'
import { CURVE_FACTS, scalarFromBytes, type Curve } from './curves.ts'
import { HoldfastError } from './errors.ts'
import { groupKey } from './group-key.ts'
import { publicKeyText } from './keyset-digest.ts'
import type { Keyshare } from './keyshare.ts'
import { publicShare } from './public-share.ts'

const PROVABLE_CURVES = ['Secp256k1', 'Ed25519'] as const satisfies readonly Curve[]
type ProvableCurve = (typeof PROVABLE_CURVES)[number]
/** In one refusal, beside the first. */
const MOST_NAMED = 20

export type ProofResult = { domainId: bigint; verdict: 'genuine' | 'matches-group-key' }

/**
 * Proves that `shares` are what participant `participantId` holds of `keyset`: exactly its domains, each once, each of
 * its epoch and attempt and under its group key; and, where the contract has commitments C_k, that the share s lies on
 * the polynomial: s·G = Σ C_k·x^k with x = participantId + 1 (`genuine`). BLS domains, and contracts without
 * commitments, get `matches-group-key`: near/mpc accepts any share there, and nothing on chain can tell.
 * Many shares are proved in one batch per curve (batch-proof.ts). Results are in keyset order.
 * @throws HoldfastError `KEYSHARE_WRONG_EPOCH`, `KEYSHARE_DUPLICATE`, `KEYSHARE_WRONG_DOMAIN`, `KEYSHARE_EXTRA`,
 * `KEYSHARE_MISSING`, `KEYSHARE_WRONG_ATTEMPT`, `KEYSHARE_WRONG_KEY`, `KEYSHARE_NOT_ON_POLYNOMIAL`, naming domain, found
 * and expected; `INVALID_STATE` if the keyset contradicts itself.
 */
export function proveKeyshares(shares: readonly Keyshare[], keyset: Keyset, participantId: number): ProofResult[] {
  const byDomain = exactlyTheAskedDomains(shares, keyset)
  const claims: Record<ProvableCurve, (Claim & { domainId: bigint })[]> = { Secp256k1: [], Ed25519: [] }
  const results = keyset.domains.map((domain): ProofResult => {
    const { domain_id: domainId, commitments } = domain
    const share = byDomain.get(domainId)
    if (share === undefined) throw missing(domainId, shares)
    checkLabels(share, domain)
    const { curve } = share
    if (curve === 'Bls12381' || commitments === null) return { domainId, verdict: 'matches-group-key' }
    claims[curve].push({ domainId, ...claimOf(share, domain, commitments, participantId) })
    return { domainId, verdict: 'genuine' }
  })
  const impostors = PROVABLE_CURVES.flatMap((curve) =>
    falseClaims(claims[curve], CURVE_FACTS[curve]).map(({ domainId }) => domainId),
  )
  if (impostors.length > 0) throw notOnPolynomial(impostors, participantId)
  return results
}

function exactlyTheAskedDomains(shares: readonly Keyshare[], keyset: Keyset): Map<bigint, Keyshare> {
  const asked = new Set(keyset.domains.map((domain) => domain.domain_id))
  const byDomain = new Map<bigint, Keyshare>()
  for (const share of shares) {
    const { epochId, domainId } = share
    if (epochId !== keyset.epoch_id)
      throw refused('WRONG_EPOCH', domainId, `epoch ${epochId}`, `epoch ${keyset.epoch_id}`)
    if (byDomain.has(domainId)) throw refused('DUPLICATE', domainId, 'two shares', 'one')
    byDomain.set(domainId, share)
  }
  const lacking = [...asked].filter((domainId) => !byDomain.has(domainId))
  for (const domainId of byDomain.keys()) {
    if (asked.has(domainId)) continue
    if (lacking.length > 0)
      throw refused('WRONG_DOMAIN', domainId, `domain ${domainId}`, `domain ${lacking.join(', ')}`)
    throw refused('EXTRA', domainId, `a share of domain ${domainId}`, `only domain ${[...asked].join(', ') || 'none'}`)
  }
  return byDomain
}

function checkLabels(share: Keyshare, domain: KeyForDomain): void {
  const { domainId, attemptId, curve, publicKey } = share
  if (attemptId !== domain.attempt) {
    throw refused('WRONG_ATTEMPT', domainId, `attempt ${attemptId}`, `attempt ${domain.attempt}`)
  }
  const expected = groupKey(domain.key)
  if (expected.curve !== curve || !equalBytes(expected.compressed, publicKey)) {
    throw refused('WRONG_KEY', domainId, `${curve} key ${hex(publicKey)}`, `${publicKeyText(domain.key)}`)
  }
}

function claimOf(
  { curve, privateShare }: Keyshare,
  domain: KeyForDomain,
  commitments: readonly string[],
  participantId: number,
): Claim {
  const facts = CURVE_FACTS[curve]
  const secret = scalarFromBytes(privateShare, facts.endianness)
  return { secret, point: publicShare(domain, commitments, participantId, facts) }
}

function notOnPolynomial(domains: readonly bigint[], participantId: number): HoldfastError {
  const [first = 0n, ...others] = domains
  const named = others.slice(0, MOST_NAMED).join(', ') + (others.length > MOST_NAMED ? ' and more' : '')
  return refused(
    'NOT_ON_POLYNOMIAL',
    first,
    'a share that the commitments do not vouch for',
    `the share of participant ${participantId}${others.length === 0 ? '' : `; the same holds for domain ${named}`}`,
  )
}

function refused(kind: string, domainId: bigint, found: string, expected: string): HoldfastError {
  return new HoldfastError(
    `KEYSHARE_${kind}`,
    `refused the key share of domain ${domainId}: found ${found}, expected ${expected}`,
  )
}

function missing(domainId: bigint, shares: readonly Keyshare[]): HoldfastError {
  const found = shares.map((share) => share.domainId).join(', ') || 'none'
  return new HoldfastError('KEYSHARE_MISSING', `the key share of domain ${domainId} is missing: found domain ${found}`)
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
