import { backoff, type Backoff } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'
import type { AttemptId } from '../storage/share-directory.ts'

/**
 * How fast a leader starts attempts at the same key: the first at once, each further one after a longer wait, so that a
 * participant that fails every time (a full disk) does not burn everybody's gas.
 */
export function createAttemptPace(now: () => number = Date.now): (attempt: AttemptId) => boolean {
  let known: { domain: string; started: bigint | undefined; notBeforeMs: number; pace: Backoff } | undefined
  return ({ epochId, domainId, attemptId }) => {
    const domain = `${epochId}_${domainId}`
    if (known?.domain !== domain) known = { domain, started: undefined, notBeforeMs: 0, pace: newPace() }
    if (known.started === attemptId) return true
    if (now() < known.notBeforeMs) return false
    known.started = attemptId
    known.notBeforeMs = now() + known.pace.next()
    return true
  }
}

function newPace(): Backoff {
  return backoff({ minMs: LIMITS.keygenPaceMinMs, maxMs: LIMITS.keygenPaceMaxMs })
}
