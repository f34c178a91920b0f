import { inspect, styleText } from 'node:util'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { exitCodeOf, type ExitCode } from '@holdfast/protocol/exit-codes.ts'

/**
 * Says on stderr what went wrong: an expected failure by its sentence and code, never a stack; anything else by its
 * sentence and how to see the stack.
 * @returns the exit code
 */
export function reportFailure(error: unknown): ExitCode {
  const mark = styleText('red', 'error', { stream: process.stderr })
  if (isHoldfastError(error)) {
    process.stderr.write(`${mark}: ${error.message} (${error.code})\n`)
  } else if (process.env['HOLDFAST_DEBUG'] === '1') {
    process.stderr.write(`${mark}: ${inspect(error)}\n`)
  } else {
    const sentence = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `${mark}: ${sentence}\nThis is not an expected failure; HOLDFAST_DEBUG=1 shows where it happened.\n`,
    )
  }
  return exitCodeOf(error)
}
