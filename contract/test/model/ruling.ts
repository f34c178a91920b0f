import type { Json } from '../../../protocol/src/json.ts'
import type { Code } from './codes.ts'
import type { Model } from './model.ts'

/** The call as its rules see it: straight from the account or not, and who signed it. */
export interface By {
  readonly account: string
  /** The access key that signed. */
  readonly key: string
  /** yoctoNEAR: at least 1 proves a full-access key. */
  readonly deposit: bigint
  /** Nanoseconds since 1970. */
  readonly now: bigint
  readonly height: bigint
}

export interface Event {
  readonly event: string
  readonly data: Json
}

export interface Change {
  readonly model: Model
  readonly events: readonly Event[]
}

/**
 * What the rules say of a call: why it is refused, every rule by itself (the text does not say which of several broken
 * rules is named), and what it does if no rule is broken.
 */
export interface Ruling {
  readonly refused: ReadonlySet<Code>
  then(): Change
}

/** Whether a rule is broken, and the code that says so. */
export type Rule = readonly [isBroken: boolean, code: Code]

/** The codes of the rules that are broken. */
export function broken(...rules: readonly Rule[]): ReadonlySet<Code> {
  return new Set(rules.filter(([isBroken]) => isBroken).map(([, code]) => code))
}

/** Nothing changes, nothing is said. */
export function nothing(model: Model): Change {
  return { model, events: [] }
}

/** One change method: what the rules say of a call of it. The model has been swept before. */
export type Method<Args> = (model: Model, by: By, args: Args) => Ruling
