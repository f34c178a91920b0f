import type { AwaitingShares, Participation, Phase } from './phase.ts'

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
      return `the contract to be Running again: it is ${phase.state}, in which no ${DOES[phase.claim]}`
    case 'requestRecovery':
      return 'the contract to show the recovery that this node asks for'
    case 'awaitingShares':
      return awaits(phase)
    case 'joining':
      return 'the resharing that takes this node in to be over'
    case 'participating':
      return participantWaitsFor(phase)
    case 'superseded':
      return undefined
    default:
      phase satisfies never
      throw new TypeError('unknown phase')
  }
}

const WORK = { generate: 'a key to be generated', reshare: 'a key to be reshared' } as const
const DOES = { recovery: 'recovery can start', migration: 'planned move can be concluded' } as const

function awaits({ claim, hasBackupService }: AwaitingShares): string {
  switch (claim) {
    case 'recovery':
      return "the operator's backup service to bring the key shares, then the contract to conclude"
    case 'migration':
      return hasBackupService
        ? "the operator's backup service to bring the key shares for the planned move, then the contract to conclude; the " +
            'present node goes on until then, so other nodes are not asked to repair them'
        : 'a backup service to bring the key shares for the planned move, and none is registered: the operator runs ' +
            'holdfast register. Other nodes repair no share while the present node takes part; if that is lost, the operator ' +
            'runs holdfast cancel-migration, then holdfast authorise'
    default:
      claim satisfies never
      throw new TypeError('unknown claim')
  }
}

function participantWaitsFor({ work, successor }: Participation): string | undefined {
  if (work !== undefined) return WORK[work.kind]
  if (successor === undefined) return undefined
  return (
    `the planned move to the node with TLS key ${successor.tls_public_key} to be concluded; this one goes on until then. ` +
    'If nobody planned it: holdfast cancel-migration'
  )
}
