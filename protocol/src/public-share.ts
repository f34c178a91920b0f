import type { KeyForDomain } from './contract-state.ts'
import type { CurveFacts, CurvePoint } from './curves.ts'
import { HoldfastError } from './errors.ts'
import { groupKey } from './group-key.ts'

/**
 * The public share Y of participant `participantId`: Σ C_k·x^k over the domain's commitments, x = participantId + 1.
 * A scalar s is that participant's share exactly if s·G = Y.
 * @throws HoldfastError `INVALID_STATE` if the commitments are not points, or the first is not the group key
 */
export function publicShare(
  domain: KeyForDomain,
  commitments: readonly string[],
  participantId: number,
  facts: CurveFacts,
): CurvePoint {
  const x = participantId + 1
  return decodeAll(domain, commitments, facts).reduceRight(
    (sum, point) => multiple(sum, x, facts.zero).add(point),
    facts.zero,
  )
}

/** Doubling and adding, for a public factor of a few bits: noble's own multiplication is made for factors of 256. */
function multiple(point: CurvePoint, factor: number, zero: CurvePoint): CurvePoint {
  if (factor === 1 || point.is0()) return point
  let product = zero
  for (const bit of factor.toString(2)) {
    product = product.double()
    if (bit === '1') product = product.add(point)
  }
  return product
}

function decodeAll(domain: KeyForDomain, commitments: readonly string[], facts: CurveFacts): CurvePoint[] {
  const expected = Buffer.from(groupKey(domain.key).compressed).toString('hex')
  if (commitments[0] !== expected) {
    throw inconsistent(domain, `its first commitment is ${commitments[0]}, expected the group key ${expected}`)
  }
  return commitments.map((text) => {
    try {
      return facts.decode(Buffer.from(text, 'hex'))
    } catch {
      throw inconsistent(domain, `the commitment ${text.slice(0, 80)} is not a point of its curve`)
    }
  })
}

function inconsistent(domain: KeyForDomain, fault: string): HoldfastError {
  return new HoldfastError(
    'INVALID_STATE',
    `cannot prove shares of domain ${domain.domain_id} against its keyset: ${fault}`,
  )
}
