import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { LIMITS } from '../limits.ts'

type Key = Ed25519KeyText | undefined

/** The registered backup service's key, known without a read of the chain for every stranger who connects. */
export type RegisteredClient = {
  /** Takes what a view that was just read has. */
  note(key: Key): void
  /** The key as a view has it that was read within the last second; reads one if need be, for all who ask meanwhile. */
  current(): Promise<Key>
}

/** However many connect, `read` runs at most once a second, failures included, and never twice at a time. */
export function createRegisteredClient(read: () => Promise<Key>, now: () => number = Date.now): RegisteredClient {
  let latest: { key: Promise<Key>; sinceMs: number; isUnderWay: boolean } | undefined
  return {
    note(key) {
      latest = { key: Promise.resolve(key), sinceMs: now(), isUnderWay: false }
    },
    current() {
      if (latest !== undefined && (latest.isUnderWay || now() - latest.sinceMs < LIMITS.keyshareReadEveryMs))
        return latest.key
      const reading = { key: read(), sinceMs: now(), isUnderWay: true }
      latest = reading
      const end = () => void (reading.isUnderWay = false)
      reading.key.then(end, end)
      return reading.key
    },
  }
}
