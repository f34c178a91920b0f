import { type KeyForDomain } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { type Keyshare } from '@holdfast/protocol/keyshare.ts'
import { type Participation, type Phase } from '../phases/phase.ts'
import { type KeepShares, type KnowSituation } from '../ports.ts'

/** A key that this node can sign with now, and who takes part. */
export type SigningKey = {
  epochId: bigint
  key: KeyForDomain
  share: Keyshare
  threshold: number
  participation: Participation
}

/**
 * What is needed to sign with a domain's live key, from a fresh view.
 * @throws HoldfastError `NOT_PARTICIPATING`, `UNKNOWN_DOMAIN`, `PROTOCOL_UNSUPPORTED`, `SHARE_NOT_HELD`, `VIEW_STALE`
 */
export function signingKey(situation: KnowSituation, shares: KeepShares, domainId: bigint): SigningKey {
  const participation = participationIn(situation.fresh().phase)
  const { keyset, domains } = participation
  const key = keyset.domains.find(({ domain_id }) => domain_id === domainId)
  const domain = domains.find(({ id }) => id === domainId)
  if (key === undefined || domain === undefined) {
    const known = keyset.domains.map(({ domain_id }) => String(domain_id)).join(', ')
    throw new HoldfastError(
      'UNKNOWN_DOMAIN',
      `cannot sign with domain ${domainId}: the contract has no key for it; ${known === '' ? 'it has none yet' : `it has keys for ${known}`}`,
    )
  }
  if (domain.protocol !== 'Frost' || !('Ed25519' in key.key)) {
    throw new HoldfastError(
      'PROTOCOL_UNSUPPORTED',
      `cannot sign with domain ${domainId}: found protocol ${domain.protocol}, this node signs with Frost on Ed25519`,
    )
  }
  const held = shares.held(keyset.epoch_id, key)
  if (held === undefined) {
    throw new HoldfastError(
      'SHARE_NOT_HELD',
      `cannot sign with domain ${domainId}: this node holds no share of its key (epoch ${keyset.epoch_id}, attempt ${key.attempt}); ` +
        'set up the node in a new home and let it recover',
    )
  }
  return { epochId: keyset.epoch_id, key, share: held.share, threshold: domain.reconstruction_threshold, participation }
}

/** @throws HoldfastError `NOT_PARTICIPATING` */
export function participationIn(phase: Phase): Participation {
  if (phase.kind === 'participating') return phase
  throw new HoldfastError(
    'NOT_PARTICIPATING',
    `this node takes no part in signing now: its phase is ${phase.kind}; see its status`,
  )
}
