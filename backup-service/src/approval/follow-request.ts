import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { RestoreRequest } from '../network/port.ts'
import { requestIdOf, sameRequest, type ApprovalFacts, type ApprovalPolicy } from './approval.ts'
import type { KeepRequest, ReadAnswers, SeenRequest } from './ports.ts'

/** What the service asks about the request that a view shows. */
export interface FollowRequest {
  /**
   * Remembers since when this request is known, and reads what the operator says to it. `request` is undefined where the
   * view shows none. Never throws: what cannot be read is no yes.
   */
  consult(request: RestoreRequest | undefined, blockTimeMs: number): Promise<ApprovalFacts | undefined>
}

export type FollowOptions = {
  policy: ApprovalPolicy
  requests: KeepRequest
  answers: ReadAnswers
  /** The request could not be written down: the waiting would begin anew after a restart. */
  onWriteError: (error: unknown) => void
}

export function followRequest({ policy, requests, answers, onWriteError }: FollowOptions): FollowRequest {
  let recalled = false
  let seen: SeenRequest | undefined
  let written = true

  async function follow(request: RestoreRequest | undefined, blockTimeMs: number): Promise<void> {
    if (!recalled) seen = await requests.recall()
    recalled = true
    if (request === undefined) {
      if (seen !== undefined) written = false
      seen = undefined
    } else if (seen === undefined || !isOf(seen, request)) {
      const { claim, url } = request
      seen = { claim, ...requestIdOf(request, blockTimeMs), firstSeenMs: blockTimeMs, url }
      written = false
    }
    if (written) return
    try {
      await (seen === undefined ? requests.forget() : requests.remember(seen))
      written = true
    } catch (error) {
      onWriteError(error)
    }
  }

  return {
    async consult(request, blockTimeMs) {
      await follow(request, blockTimeMs)
      if (request === undefined) return undefined
      const firstSeenMs = seen?.firstSeenMs
      try {
        return { policy, firstSeenMs, answers: { kind: 'read', answers: await answers.answers() } }
      } catch (error) {
        return { policy, firstSeenMs, answers: { kind: 'unreadable', reason: errorMessage(error) } }
      }
    },
  }
}

/** Whether this is the request that was seen before, which of a migration nothing but its record's staying there tells. */
function isOf(seen: SeenRequest, request: RestoreRequest): boolean {
  return seen.claim === request.claim && sameRequest(seen, requestIdOf(request, seen.firstSeenMs))
}
