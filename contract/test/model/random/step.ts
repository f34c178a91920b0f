import type { Call, MethodName } from '../execute.ts'
import type { Model } from '../model.ts'

/** Where a story has come to. */
export interface Scene {
  readonly model: Model | null
  /** Nanoseconds since 1970. */
  readonly now: bigint
  readonly height: bigint
}

/** A call that ought to be accepted, as far as its author can see. */
export interface Idea extends Pick<Call, 'account' | 'args'> {
  readonly method: MethodName
  /** If left out: any key of the account. */
  readonly key?: string
  /** yoctoNEAR; if left out: none. */
  readonly deposit?: bigint
}
