import { ERROR_CODES, type ErrorCode } from '@holdfast/contract/error-codes.ts'

/**
 * What an operator does next about a refusal of the contract, whose own sentence says what is wrong. Undefined for a code
 * that this version does not know: the contract may be newer.
 */
export function refusalAdvice(code: string | null): string | undefined {
  return isErrorCode(code) ? adviceFor(code) : undefined
}

function isErrorCode(code: string | null): code is ErrorCode {
  return (ERROR_CODES as readonly (string | null)[]).includes(code)
}

function adviceFor(code: ErrorCode): string {
  switch (code) {
    case 'NOT_INITIALIZED':
      return 'the contract lacks its first participants: holdfast deploy --help'
    case 'ALREADY_INITIALIZED':
      return 'the network exists; look at it with holdfast status'
    case 'NOT_CONTRACT_ACCOUNT':
      return "sign with a key of the contract's own account"
    case 'NOT_DIRECT_CALL':
      return 'sign the call with the account itself; an account that acts through another contract cannot take part'
    case 'DEPOSIT_REQUIRED':
      return "sign with the account's full-access key: a function-call key cannot attach the 1 yoctoNEAR that proves it"
    case 'MISSING_ARGUMENT':
    case 'UNKNOWN_ARGUMENT':
    case 'INVALID_ARGUMENT':
      return 'check what was given; if that is right, this program and the contract are of different versions'
    case 'WRONG_STATE':
    case 'NO_ACTIVE_KEY_EVENT':
    case 'KEY_EVENT_ACTIVE':
    case 'KEY_EVENT_MISMATCH':
      return 'holdfast status shows what the network is doing; nodes try again by themselves, a vote can be cast again later'
    case 'NOT_PARTICIPANT':
      return 'check the account (--account), and with holdfast status who takes part'
    case 'NOT_LEADER':
      return 'nothing: the participant with the lowest id starts attempts; see to it that its node runs'
    case 'ALREADY_VOTED':
      return 'nothing: the vote counts'
    case 'WRONG_SIGNER_KEY':
      return 'compare holdfast keys with the key that the sentence names; authorise or register the right one'
    case 'INVALID_PARTICIPANTS':
    case 'INVALID_THRESHOLD':
    case 'INVALID_DOMAINS':
    case 'NEXT_DOMAIN_ID_MISMATCH':
    case 'EPOCH_MISMATCH':
      return 'look at holdfast status, and make the proposal of what it shows'
    case 'PARTICIPANT_INFO_MISMATCH':
      return 'if the machine is a new one, holdfast authorise its keys; if only its address is, call update_participant_url'
    case 'NOT_CANDIDATE':
      return 'start the node that is to join: it makes itself a candidate'
    case 'VOTE_TOO_EARLY':
      return 'vote again once enough of those who take part now have'
    case 'TLS_KEY_TAKEN':
    case 'OWN_TLS_KEY':
      return 'make a home with new keys (node init, backup init) and name those'
    case 'INVALID_PUBLIC_KEY':
    case 'INVALID_COMMITMENTS':
      return "a node's key generation went wrong: look at its log; the network tries again with the next attempt"
    case 'NOT_AUTHORIZED':
    case 'AUTHORIZATION_EXPIRED':
    case 'AUTHORIZATION_MISMATCH':
      return "compare with holdfast keys on the new machine, then holdfast authorise with the account's full-access key"
    case 'ALREADY_RECOVERING':
      return 'let the recovery end, or call cancel_recovery with the full-access key to name another machine'
    case 'NOT_RECOVERING':
      return 'nothing: the recovery is over; holdfast status shows how it ended'
    case 'COOLDOWN':
      return 'wait until the moment that the sentence names, in nanoseconds since 1970; the node asks again by itself'
    case 'KEYSET_MISMATCH':
      return 'nothing: the keys are not the live ones any more; node and backup service fetch those that are'
    case 'NO_BACKUP_SERVICE':
      return "holdfast register, with the account's full-access key"
    case 'TLS_KEY_MISMATCH':
      return 'the shares went to another machine than the contract names now; the backup service delivers again'
    case 'MIGRATION_NOT_FOUND':
      return 'nothing is planned, or no more: holdfast migrate orders a move with the full-access key'
    case 'UPDATE_NOT_PROPOSED':
      return 'compare the hash with the others; who is the first calls holdfast propose-update'
    case 'UPDATE_NOT_VOTED':
      return 'holdfast status shows the votes; deploy exactly the file they are for'
    case 'STATE_VERSION_MISMATCH':
      return "the contract's account must call migrate, or deploy the code that fits its state"
    default:
      code satisfies never
      throw new TypeError('unknown error code')
  }
}
