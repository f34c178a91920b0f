import type { RecoveryRecord } from '@holdfast/protocol/contract-state.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { requestOf, sameRequest, type ApprovalFacts, type ApprovalPolicy } from './approval.ts'
import type { KeepRequest, ReadAnswers, SeenRequest } from './ports.ts'

/** What the service asks about the request that a view shows. */
export interface FollowRequest {
  /**
   * Remembers since when this request is known, and reads what the operator says to it. `record` is undefined where the
   * view shows none. Never throws: what cannot be read is no yes.
   */
  consult(record: RecoveryRecord | undefined, blockTimeMs: number): Promise<ApprovalFacts | undefined>
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

  async function follow(record: RecoveryRecord | undefined, blockTimeMs: number): Promise<void> {
    if (!recalled) seen = await requests.recall()
    recalled = true
    const request = record === undefined ? undefined : requestOf(record)
    if (request === undefined) {
      if (seen !== undefined) written = false
      seen = undefined
    } else if (seen === undefined || !sameRequest(seen, request)) {
      seen = { ...request, firstSeenMs: blockTimeMs, url: record?.destination_node_info.url ?? '' }
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
    async consult(record, blockTimeMs) {
      await follow(record, blockTimeMs)
      if (record === undefined) return undefined
      const firstSeenMs = seen?.firstSeenMs
      try {
        return { policy, firstSeenMs, answers: { kind: 'read', answers: await answers.answers() } }
      } catch (error) {
        return { policy, firstSeenMs, answers: { kind: 'unreadable', reason: errorMessage(error) } }
      }
    },
  }
}
