import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import * as v from 'valibot'
import { LIMITS } from '../limits.ts'
import { u64 } from '../mesh/fields.ts'
import { parseMessage } from '../mesh/messages.ts'
import { attemptName, type AttemptId } from '../storage/share-directory.ts'

/** How peers name the attempt whose packages they want; who asks is known from the connection. */
const attemptRequest = v.strictObject({ epoch_id: u64, domain_id: u64, attempt_id: u64 })

/** The one attempt that is under way here, with what it holds for its peers. */
export type AttemptSessions<T> = {
  begin(attempt: AttemptId, session: T): void
  end(session: T): void
  /**
   * The session of the attempt that a peer's request names. A peer that is ahead of this node's view of the contract
   * waits a while for the attempt to begin here, as long as its connection (`signal`) lasts.
   * @throws HoldfastError `INVALID_MESSAGE`, `ATTEMPT_UNKNOWN`; the signal's reason
   */
  asked(body: Json, signal: AbortSignal): Promise<T>
}

export function createAttemptSessions<T>(): AttemptSessions<T> {
  let current: { name: string; session: T } | undefined
  // Not one promise for all: it would hold whatever peers ever waited for it until the next attempt, a year from now.
  const waiting = new Set<() => void>()
  return {
    begin(attempt, session) {
      current = { name: attemptName(attempt), session }
      for (const go of [...waiting]) go()
    },
    end(session) {
      if (current?.session === session) current = undefined
    },
    async asked(body, signal) {
      const { epoch_id, domain_id, attempt_id } = parseMessage(attemptRequest, body, 'a request for a package')
      const wanted = attemptName({ epochId: epoch_id, domainId: domain_id, attemptId: attempt_id })
      const until = Date.now() + LIMITS.keygenPackageMs
      for (;;) {
        if (current?.name === wanted) return current.session
        const left = until - Date.now()
        if (left <= 0) break
        await nextAttempt(left, signal)
        signal.throwIfAborted()
      }
      throw new HoldfastError('ATTEMPT_UNKNOWN', `the attempt ${wanted} (epoch_domain_attempt) is not under way here`)
    },
  }

  /** Resolves when an attempt begins here, the time is over or the signal aborts. */
  function nextAttempt(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        waiting.delete(go)
        clearTimeout(timer)
        signal.removeEventListener('abort', go)
        resolve()
      }
      const timer = setTimeout(go, ms).unref()
      waiting.add(go)
      signal.addEventListener('abort', go, { once: true })
      if (signal.aborted) go()
    })
  }
}

/** A request for this attempt's packages. */
export function attemptRequestOf({ epochId, domainId, attemptId }: AttemptId): Json {
  return { epoch_id: epochId, domain_id: domainId, attempt_id: attemptId }
}
