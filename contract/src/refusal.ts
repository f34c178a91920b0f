import type { ErrorCode } from './error-codes.ts'

/** The call is refused: the contract panics with this message and nothing is written. */
export class Refusal extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, sentence: string) {
    super(`${code}: ${sentence}`)
    this.code = code
  }
}

/** @throws Refusal always */
export function refuse(code: ErrorCode, sentence: string): never {
  throw new Refusal(code, sentence)
}
