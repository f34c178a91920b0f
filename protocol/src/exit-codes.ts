import { isHoldfastError } from './errors.ts'

/** How a process ends: the one table of exit codes; the CLI's help and README print it. */
export const EXIT_CODES = {
  /** Done as asked, or stopped by SIGTERM or SIGINT. */
  ok: 0,
  /** A failure that has no code of its own. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A configuration file is missing, or has an unknown, missing or malformed field. */
  config: 3,
  /** Keys that a start needs are missing or unusable: the home was not initialised, or a file is gone. */
  noKeys: 4,
  /** A port or address to listen on, the home or the repository is taken by another process. */
  portInUse: 5,
  /** This machine was replaced; its tombstone forbids a start until the operator removes it. */
  tombstone: 6,
  /** The chain could not be read or written: no quorum of endpoints, or the contract refused. */
  chain: 7,
  /** A stored secret or share is unreadable, unsafe (permissions) or contradicts the chain. */
  storage: 8,
  /** A check of the demo or of a verification did not hold. */
  checkFailed: 9,
} as const

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

/** Which error codes end a process with which exit code; every other one with `failure`. */
export const ERROR_CODES = {
  usage: ['SNAPSHOT_UNKNOWN', 'EXPORT_EXISTS', 'USAGE', 'TLS_KEY_OF_ANOTHER'],
  config: [
    'CONFIG_MISSING',
    'CONFIG_INVALID',
    'CONFIG_UNREADABLE',
    'CONFIG_DIFFERS',
    'HOME_MISSING',
    'HOME_UNREADABLE',
    'HOME_OF_OTHER_KIND',
    'HOME_UNUSABLE',
    'INVALID_ENDPOINT',
    'INVALID_QUORUM',
    'ENDPOINT_NO_NEAR_RPC',
    'ENDPOINT_WRONG_CHAIN',
    'ENDPOINT_WRONG_CONTRACT',
    'NEAR_MPC_KEY_INVALID',
    'NEAR_MPC_KEY_DIFFERS',
    'NEAR_MPC_HOME_INVALID',
    'IDENTITY_DIFFERS',
    'NO_NOTIFICATIONS',
    'S3_CREDENTIALS_INVALID',
    'AGE_RECIPIENT_INVALID',
  ],
  noKeys: [
    'NO_KEYS',
    'KEYS_MISSING',
    'SECRET_FILE_MISSING',
    'IDENTITY_INVALID',
    'AGE_IDENTITY_INVALID',
    'AGE_IDENTITY_MISSING',
    'PASSPHRASE_MISSING',
    'PASSPHRASE_WRONG',
  ],
  portInUse: ['CHECK_UNDER_WAY', 'PORT_IN_USE', 'ADDRESS_UNAVAILABLE', 'ALREADY_RUNNING'],
  tombstone: ['TOMBSTONE', 'NO_TOMBSTONE'],
  chain: [
    'RPC_UNAVAILABLE',
    'RPC_ERROR',
    'VIEW_STALE',
    'VIEW_DISAGREED',
    'CONTRACT_REFUSED',
    'PROPOSAL_IMPOSSIBLE',
    'MOVE_IMPOSSIBLE',
    'NO_MOVE',
    'CONTRACT_EXISTS',
    'CONTRACT_UNREADABLE',
    'TRANSACTION_FAILED',
    'TRANSACTION_REFUSED',
    'TRANSACTION_UNCERTAIN',
    'ACCESS_KEY_MISSING',
    'ACCESS_KEY_NOT_ALLOWED',
    'NOT_ENOUGH_BALANCE',
    'UNKNOWN_STATE',
    'UNKNOWN_NETWORK',
    'INVALID_STATE',
    'OBSERVER_LOST',
    'RESTORE_NOT_ASKED',
    'OTHER_DESTINATION',
    'RESTORE_REFUSED',
  ],
  storage: [
    'SECRET_FILE_EXISTS',
    'SECRET_FILE_EXPOSED',
    'KEY_FILE_EXPOSED',
    'KEY_FILE_INVALID',
    'KEY_FILE_OF_OTHER_ACCOUNT',
    'STORAGE_FAILED',
    'DISK_FULL',
    'HOME_EXPOSED',
    'LOCK_FAILED',
    'SHARES_DAMAGED',
    'REPOSITORY_UNREADABLE',
    'REPOSITORY_BUSY',
    'PLACE_MISSING',
    'PLACE_REFUSED',
    'PLACE_FAILED',
    'PLACE_FULL',
    'ANSWERS_UNREADABLE',
  ],
  checkFailed: [
    'CHECK_FAILED',
    'NOTHING_TO_DRILL',
    'NOTHING_TO_IMPORT',
    'STATUS_MISSING',
    'NO_RESTORE_REQUEST',
    'OTHER_RESTORE_REQUEST',
    'RESTORE_DENIED',
    'DESTINATION_UNREACHABLE',
    'DESTINATION_WRONG_KEY',
    'DESTINATION_OTHER_KEY',
    'DESTINATION_NEEDS_RESTART',
    'DELIVERY_DIFFERS',
    'DELIVERY_NOT_READ_BACK',
  ],
} as const satisfies Partial<Record<keyof typeof EXIT_CODES, readonly string[]>>

const EXIT_CODE_BY_ERROR = new Map<string, ExitCode>(
  (Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]).flatMap((exit) =>
    ERROR_CODES[exit].map((code) => [code, EXIT_CODES[exit]] as const),
  ),
)

/** The exit code of a process, of either service or a command, that ends with this thrown value. */
export function exitCodeOf(error: unknown): ExitCode {
  return (isHoldfastError(error) ? EXIT_CODE_BY_ERROR.get(error.code) : undefined) ?? EXIT_CODES.failure
}
