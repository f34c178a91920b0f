import { inspect, styleText } from 'node:util'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { EXIT_CODES, type ExitCode } from '@holdfast/protocol/exit-codes.ts'

/** Which exit code an expected failure has: the first row whose pattern fits its code. */
const EXIT_CODE_OF: readonly (readonly [RegExp, ExitCode])[] = [
  [/^(PORT_IN_USE|HOME_IN_USE|ADDRESS_UNAVAILABLE)$/, EXIT_CODES.portInUse],
  [/^(CONFIG_|HOME_|INVALID_ENDPOINT|INVALID_QUORUM|NEAR_MPC_KEY_INVALID)/, EXIT_CODES.config],
  [/^(NO_KEYS|KEYS_MISSING|SECRET_FILE_MISSING|IDENTITY_|AGE_IDENTITY_)/, EXIT_CODES.noKeys],
  [/^TOMBSTONE$/, EXIT_CODES.tombstone],
  [
    /^(RPC_|VIEW_|CONTRACT_|TRANSACTION_|ACCESS_KEY_|NOT_ENOUGH_BALANCE|UNKNOWN_STATE|INVALID_STATE|OBSERVER_LOST)/,
    EXIT_CODES.chain,
  ],
  [/^(SECRET_|STORAGE_|DISK_|SHARES?_|KEYSHARE_|SNAPSHOT_|REPOSITORY_|KEY_FILE_)/, EXIT_CODES.storage],
  [/^USAGE$/, EXIT_CODES.usage],
  [/^CHECK_FAILED$/, EXIT_CODES.checkFailed],
]

/** The exit code of a thrown value. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isHoldfastError(error)) return EXIT_CODES.failure
  return EXIT_CODE_OF.find(([pattern]) => pattern.test(error.code))?.[1] ?? EXIT_CODES.failure
}

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
