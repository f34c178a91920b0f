/**
 * An expected failure: its message is written for the operator (the act that failed, what was found, what was expected,
 * what to do next) and is printed without a stack. `code` is stable and is what programs switch over.
 */
export class HoldfastError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HoldfastError'
    this.code = code
  }
}

/** True for an expected failure, optionally of one given code; works across copies of this module. */
export function isHoldfastError(error: unknown, code?: string): error is HoldfastError {
  return (
    error instanceof Error &&
    error.name === 'HoldfastError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}

/** The sentence of any thrown value, for messages and logs: never a stack. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
