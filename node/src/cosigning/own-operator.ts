import type { JudgeMessage } from '../ports.ts'
import type { Consents } from './consents.ts'

/**
 * Agrees to what this node's own operator asked for on this machine, and to nothing else: with fewer than t dishonest
 * operators no message is signed that no honest one wanted.
 */
export function createOwnOperatorPolicy(consents: Pick<Consents, 'covers'>): JudgeMessage {
  return {
    isTakenBack: ({ domainId, message }) => !consents.covers(domainId, message),
    judge: async ({ domainId, message }) =>
      consents.covers(domainId, message)
        ? { kind: 'agreed' }
        : { kind: 'declined', why: 'its operator has not asked for this message' },
  }
}
