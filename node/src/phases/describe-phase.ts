import type { Phase } from './phase.ts'

/** What a phase waits for, for the log and the status; undefined where it waits for nothing. */
export function waitsFor(phase: Phase): string | undefined {
  switch (phase.kind) {
    case 'waitingForContract':
      return 'the contract to be initialised'
    case 'submitCandidate':
      return 'this node to be recorded as a candidate'
    case 'awaitingResharing':
      return "a resharing that takes this node's account in (vote_new_parameters)"
    case 'waitingForAuthorization':
      return `an authorisation: ${phase.missing}`
    case 'authorizedKeysDiffer':
    case 'waitingForOtherRecovery':
      return phase.problem
    case 'waitingForRunning':
      return `the contract to be Running again: it is ${phase.state}, in which no recovery can start`
    case 'requestRecovery':
      return 'the contract to show the recovery that this node asks for'
    case 'awaitingShares':
      return "the operator's backup service to bring the key shares, then the contract to conclude"
    case 'joining':
      return 'the resharing that takes this node in to be over'
    case 'participating':
      return phase.work === undefined ? undefined : WORK[phase.work.kind]
    case 'superseded':
      return undefined
    default:
      phase satisfies never
      throw new TypeError('unknown phase')
  }
}

const WORK = { generate: 'a key to be generated', reshare: 'a key to be reshared' } as const
