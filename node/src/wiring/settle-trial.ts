import { errorMessage } from '@holdfast/protocol/errors.ts'
import { changeLogger, type Logger } from '@holdfast/protocol/log.ts'
import { fateOfTrial } from '../phases/fate-of-trial.ts'
import type { Phase } from '../phases/phase.ts'
import type { KeepShares } from '../ports.ts'

/**
 * Decides at every view about shares that a planned move brought. A disk that refuses is told of and tried again with the
 * next view: it must not keep the node from stopping, where that is due.
 */
export function createTrialSettler(shares: KeepShares, log: Logger): (phase: Phase) => Promise<void> {
  const sayTrouble = changeLogger(log)
  return async (phase) => {
    const fate = fateOfTrial(phase)
    if (fate === 'wait') return
    try {
      const domains = (await shares.settleTrial(fate)).map(String)
      if (fate === 'destroy' && domains.length > 0) {
        log.warn(
          { domains, phase: phase.kind },
          'the planned move to this node was given up: the key shares that it had brought are destroyed',
        )
      }
    } catch (error) {
      sayTrouble('error', 'what to do with the shares that a planned move brought could not be written', {
        fate,
        reason: errorMessage(error),
      })
    }
  }
}
