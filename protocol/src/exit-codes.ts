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
  /** The home has no keys: it was not initialised, or its identity file is gone. */
  noKeys: 4,
  /** A port or socket to listen on is taken. */
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
