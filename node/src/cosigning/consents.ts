import { createHash } from 'node:crypto'
import { LIMITS } from '../limits.ts'

/** What this node's own operator has asked to have signed, each for a while. */
export type Consents = {
  /** Consents to exactly this message under this key for so long; a consent that lasts longer stays. Returns its end. */
  give(domainId: bigint, message: Uint8Array, forMs: number): number
  withdraw(domainId: bigint, message: Uint8Array): void
  covers(domainId: bigint, message: Uint8Array): boolean
}

/**
 * Consents in memory, by key and SHA-256 of the message: a restart forgets them, which costs a signature at most and
 * never makes one. Who gives more than `consents` loses the oldest.
 */
export function createConsents(now: () => number = Date.now): Consents {
  const until = new Map<string, number>()
  return {
    give(domainId, message, forMs) {
      const name = nameOf(domainId, message)
      const expiresAtMs = Math.max(now() + forMs, until.get(name) ?? 0)
      until.delete(name)
      until.set(name, expiresAtMs)
      const [oldest] = until.keys()
      if (until.size > LIMITS.consents && oldest !== undefined) until.delete(oldest)
      return expiresAtMs
    },
    withdraw: (domainId, message) => void until.delete(nameOf(domainId, message)),
    covers: (domainId, message) => (until.get(nameOf(domainId, message)) ?? 0) > now(),
  }
}

function nameOf(domainId: bigint, message: Uint8Array): string {
  return `${domainId} ${createHash('sha256').update(message).digest('base64')}`
}
