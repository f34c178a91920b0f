/**
 * Every code a refused call can carry: the contract panics with `CODE: sentence` (protocol.md 2.6). This list is the one
 * place; clients import it and switch over it exhaustively. Only what near-sdk-js refuses before the contract's own code
 * runs (malformed JSON, `Function is not payable`) carries none.
 */
export const ERROR_CODES = [
  // the call itself
  'NOT_INITIALIZED',
  'ALREADY_INITIALIZED',
  'NOT_CONTRACT_ACCOUNT',
  'NOT_DIRECT_CALL',
  'DEPOSIT_REQUIRED',
  'MISSING_ARGUMENT',
  'UNKNOWN_ARGUMENT',
  'INVALID_ARGUMENT',
  'WRONG_STATE',
  'NOT_PARTICIPANT',
  'WRONG_SIGNER_KEY',
  // participants and thresholds
  'INVALID_PARTICIPANTS',
  'INVALID_THRESHOLD',
  'PARTICIPANT_INFO_MISMATCH',
  'TLS_KEY_TAKEN',
  'OWN_TLS_KEY',
  'NOT_CANDIDATE',
  'EPOCH_MISMATCH',
  'VOTE_TOO_EARLY',
  // domains and key events
  'INVALID_DOMAINS',
  'NEXT_DOMAIN_ID_MISMATCH',
  'NOT_LEADER',
  'KEY_EVENT_ACTIVE',
  'NO_ACTIVE_KEY_EVENT',
  'KEY_EVENT_MISMATCH',
  'ALREADY_VOTED',
  'INVALID_PUBLIC_KEY',
  'INVALID_COMMITMENTS',
  // authorisation and recovery
  'NOT_AUTHORIZED',
  'AUTHORIZATION_EXPIRED',
  'AUTHORIZATION_MISMATCH',
  'ALREADY_RECOVERING',
  'NOT_RECOVERING',
  'COOLDOWN',
  'KEYSET_MISMATCH',
  'NO_BACKUP_SERVICE',
  'TLS_KEY_MISMATCH',
  // planned migration
  'MIGRATION_NOT_FOUND',
  // upgrade by vote
  'UPDATE_NOT_PROPOSED',
  'UPDATE_NOT_VOTED',
  'STATE_VERSION_MISMATCH',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]
