import type { Claim } from '../network/claims.ts'
import type { RequestId, RestoreAnswer } from './approval.ts'

/** A request as it was first seen. `firstSeenMs` is the block time of the first agreed view that showed it. */
export type SeenRequest = RequestId & {
  claim: Claim
  firstSeenMs: number
  /** Where the destination says it is reached: for the reader, not for any decision. */
  url: string
}

export interface KeepRequest {
  /** The request that was last remembered, or undefined; one that cannot be read counts as none. */
  recall(): Promise<SeenRequest | undefined>
  /** Survives a crash once it resolves. */
  remember(request: SeenRequest): Promise<void>
  /** There is no request any more. */
  forget(): Promise<void>
}

export interface ReadAnswers {
  /**
   * Every answer that was given in this home.
   * @throws HoldfastError `ANSWERS_UNREADABLE` if one cannot be read, or if others could have written it
   */
  answers(): Promise<RestoreAnswer[]>
}

export interface GiveAnswer {
  /** Keeps an answer durably; giving the same one again changes nothing. */
  give(answer: RestoreAnswer): Promise<void>
}
