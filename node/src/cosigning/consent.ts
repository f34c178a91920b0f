import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { LIMITS } from '../limits.ts'
import type { KeepShares, KnowSituation } from '../ports.ts'
import { signingKey } from '../signing/signing-key.ts'
import type { Consents } from './consents.ts'
import type { CosignPolicy } from './cosign-config.ts'

/** What an operator says to a message: that his node may sign it for `seconds`, or that it may not any more (0). */
export type ConsentRequest = { domainId: bigint; message: Uint8Array; seconds: number }
export type GiveConsent = (request: ConsentRequest) => { expiresAtMs: number | undefined }

type Parts = { policy: CosignPolicy; consents: Consents; situation: KnowSituation; shares: KeepShares }

/**
 * Records the own operator's word.
 * @throws HoldfastError `CONSENT_NOT_ASKED` where the node's policy asks no operator, `NOT_PARTICIPATING`, `UNKNOWN_DOMAIN`, `VIEW_STALE`
 */
export function createConsentGiver({ policy, consents, situation, shares }: Parts): GiveConsent {
  return ({ domainId, message, seconds }) => {
    if (policy.kind !== 'own-operator') {
      throw new HoldfastError(
        'CONSENT_NOT_ASKED',
        `cannot use a consent: this node's cosigning policy is "${policy.kind}", which asks for none; see "cosign" in its config.json`,
      )
    }
    signingKey(situation, shares, domainId)
    if (seconds === 0) {
      consents.withdraw(domainId, message)
      return { expiresAtMs: undefined }
    }
    const forMs = Math.min(seconds, LIMITS.consentMaxSeconds) * 1000
    return { expiresAtMs: consents.give(domainId, message, forMs) }
  }
}
