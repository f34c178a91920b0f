import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { EXIT_CODES, type ExitCode } from '@holdfast/protocol/exit-codes.ts'

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  CONFIG_MISSING: EXIT_CODES.config,
  CONFIG_UNREADABLE: EXIT_CODES.config,
  CONFIG_INVALID: EXIT_CODES.config,
  CONFIG_DIFFERS: EXIT_CODES.config,
  INVALID_ENDPOINT: EXIT_CODES.config,
  INVALID_QUORUM: EXIT_CODES.config,
  INVALID_JSON: EXIT_CODES.config,
  NEAR_MPC_KEY_INVALID: EXIT_CODES.config,
  SECRET_FILE_MISSING: EXIT_CODES.config,
  KEYS_MISSING: EXIT_CODES.noKeys,
  IDENTITY_INVALID: EXIT_CODES.noKeys,
  AGE_IDENTITY_INVALID: EXIT_CODES.noKeys,
  AGE_IDENTITY_MISSING: EXIT_CODES.noKeys,
  ALREADY_RUNNING: EXIT_CODES.portInUse,
  LOCK_FAILED: EXIT_CODES.storage,
  SECRET_FILE_EXPOSED: EXIT_CODES.storage,
  REPOSITORY_UNREADABLE: EXIT_CODES.storage,
  OBSERVER_LOST: EXIT_CODES.chain,
}

/** The exit code of a backup service that ended with this error. */
export function backupExitCode(error: unknown): ExitCode {
  const code = isHoldfastError(error) ? error.code : ''
  return (Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined) ?? EXIT_CODES.failure
}
