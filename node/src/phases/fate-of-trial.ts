import type { Phase } from './phase.ts'

/**
 * What becomes of shares that a planned move brought to this node. Kept where the contract has given it the account's
 * place, or a recovery says that the node before is lost; destroyed where the contract does not name it any more: the present node
 * and the backup have them. In between, while the move stands or may be followed by another right, they wait. Pure.
 */
export function fateOfTrial(phase: Phase): 'keep' | 'wait' | 'destroy' {
  switch (phase.kind) {
    case 'participating':
      return 'keep'
    case 'awaitingShares':
      return phase.claim === 'recovery' ? 'keep' : 'wait'
    case 'waitingForRunning':
    case 'requestRecovery':
    case 'waitingForContract':
      return 'wait'
    case 'submitCandidate':
    case 'awaitingResharing':
    case 'joining':
    case 'waitingForAuthorization':
    case 'authorizedKeysDiffer':
    case 'waitingForOtherRecovery':
    case 'superseded':
      return 'destroy'
    default:
      phase satisfies never
      throw new TypeError('unknown phase')
  }
}
