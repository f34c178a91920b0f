import { inspect, styleText } from 'node:util'
import { ContractRefusedError } from '@holdfast/protocol/contract-panic.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { exitCodeOf, type ExitCode } from '@holdfast/protocol/exit-codes.ts'
import { printable } from '@holdfast/protocol/printable.ts'
import { refusalAdvice } from './refusal-advice.ts'

/**
 * Says on stderr what went wrong: an expected failure by its sentence and code, never a stack; anything else by its
 * sentence and how to see the stack.
 * @returns the exit code
 */
export function reportFailure(error: unknown): ExitCode {
  const mark = styleText('red', 'error', { stream: process.stderr })
  if (isHoldfastError(error)) {
    process.stderr.write(`${mark}: ${printable(error.message)} (${error.code})\n`)
    const advice = error instanceof ContractRefusedError ? refusalAdvice(error.contractCode) : undefined
    if (advice !== undefined) process.stderr.write(`what to do: ${advice}\n`)
  } else if (process.env['HOLDFAST_DEBUG'] === '1') {
    process.stderr.write(`${mark}: ${inspect(error)}\n`)
  } else {
    const sentence = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `${mark}: ${printable(sentence)}\nThis is not an expected failure; HOLDFAST_DEBUG=1 shows where it happened.\n`,
    )
  }
  return exitCodeOf(error)
}
