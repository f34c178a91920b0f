import type { Json } from './reading.ts'

/** What must become of a call with these arguments. */
export type Expectation =
  /** Refused with a code, in a sentence that has this in it. */
  | { readonly kind: 'refused'; readonly names: string }
  /** As the valid arguments: another way of writing the same. */
  | { readonly kind: 'same' }
  /** Executed: an argument that may be left out was left out, or a text that may be any was another. */
  | { readonly kind: 'executed' }
  /** Either of these: it depends on the method. */
  | { readonly kind: 'executed or refused' }
  /** Refused by near-sdk-js or by the chain's VM before the contract's own code runs. */
  | { readonly kind: 'not reached' }

export interface Mutation {
  readonly what: string
  readonly input: Uint8Array
  readonly expect: Expectation
}

export function refused(names: string): Expectation {
  return { kind: 'refused', names }
}

/** A value as arguments. */
export function json(value: Json): Uint8Array {
  return utf8(JSON.stringify(value))
}

/** A text as arguments. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
