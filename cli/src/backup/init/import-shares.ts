import { join } from 'node:path'
import type { AgeIdentity } from '@holdfast/backup-service/age-identity.ts'
import { upkeepOfHome } from '@holdfast/backup-service/upkeep/upkeep-of-home.ts'
import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { counted } from '../../terminal/plural.ts'

export type ImportOutcome = { kind: 'imported' | 'there already' | 'not imported'; sentence: string }

/** What `backup import-near-mpc` does, as a part of something larger: that nothing can be imported is an outcome. @throws only the signal's reason */
export async function importShares(
  home: string,
  age: AgeIdentity,
  from: string,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  try {
    const upkeep = await upkeepOfHome({ home, age })
    try {
      const { file, snapshot } = await upkeep.importFrom(from, signal)
      const what = `${counted(snapshot.keys.length, 'share')} of epoch ${snapshot.epochId}`
      return {
        kind: 'imported',
        sentence: `Took over ${what} from the file ${join(from, file)}, as ${snapshot.data.file}.`,
      }
    } finally {
      upkeep.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (isHoldfastError(error, 'ALREADY_BACKED_UP')) {
      return { kind: 'there already', sentence: 'The shares of the live keyset are held already.' }
    }
    return {
      kind: 'not imported',
      sentence:
        `No shares were taken over: ${errorMessage(error)}. The service fetches them from the node; to try again: ` +
        `holdfast backup import-near-mpc --home ${home} --from ${from}`,
    }
  }
}
