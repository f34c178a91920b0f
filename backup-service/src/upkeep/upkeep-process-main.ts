import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { UpkeepReply, UpkeepRequest } from './adapters/upkeep-process.ts'
import { upkeepOfHome } from './upkeep-of-home.ts'

/** The process that does one verification, drill or report for a backup service, answers, and ends. */
process.once('message', (request: UpkeepRequest) => {
  void answer(request).then((reply) => process.send?.(reply, () => process.disconnect()))
})
// The service is gone: so is the reason to go on.
process.once('disconnect', () => process.exit())

async function answer({ home, age, task, sight }: UpkeepRequest): Promise<UpkeepReply> {
  try {
    const upkeep = await upkeepOfHome({ home, age })
    try {
      // Whoever asked kills this process when it no longer wants the answer.
      return { kind: 'done', checks: await upkeep.perform(task, sight, new AbortController().signal) }
    } finally {
      upkeep.close()
    }
  } catch (error) {
    return { kind: 'refused', code: isHoldfastError(error) ? error.code : 'FAILURE', message: errorMessage(error) }
  }
}
