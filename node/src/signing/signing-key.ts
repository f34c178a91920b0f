import type { KeyForDomain } from '@holdfast/protocol/contract-state.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { Participation, Phase } from '../phases/phase.ts'
import type { KeepShares, KnowSituation } from '../ports.ts'

/** A key that can sign now, and who takes part. */
export type SigningKey = {
  epochId: bigint
  key: KeyForDomain
  /** This node's own; it may coordinate without one. */
  share: Keyshare | undefined
  threshold: number
  participation: Participation
}

/**
 * What is needed to sign with a domain's live key, from a fresh view.
 * @throws HoldfastError `NOT_PARTICIPATING`, `UNKNOWN_DOMAIN`, `PROTOCOL_UNSUPPORTED`, `VIEW_STALE`
 */
export function signingKey(situation: KnowSituation, shares: KeepShares, domainId: bigint): SigningKey {
  const participation = participationIn(situation.phase())
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
  return {
    epochId: keyset.epoch_id,
    key,
    share: shares.held(keyset.epoch_id, key)?.share,
    threshold: domain.reconstruction_threshold,
    participation,
  }
}

/** This node's share of the key. @throws HoldfastError `SHARE_NOT_HELD` */
export function ownShareOf({ share, key, epochId }: SigningKey): Keyshare {
  if (share !== undefined) return share
  throw new HoldfastError(
    'SHARE_NOT_HELD',
    `cannot sign with domain ${key.domain_id}: this node holds no share of its key (epoch ${epochId}, attempt ${key.attempt}); ` +
      'set up the node in a new home and let it recover',
  )
}

/** @throws HoldfastError `NOT_PARTICIPATING` */
export function participationIn(phase: Phase): Participation {
  if (phase.kind === 'participating') return phase
  throw new HoldfastError(
    'NOT_PARTICIPATING',
    `this node takes no part in signing now: its phase is ${phase.kind}; see its status`,
  )
}
