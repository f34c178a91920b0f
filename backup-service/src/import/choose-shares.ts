import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { readKeyshares, wipeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import type { Live } from '../upkeep/live.ts'
import type { FoundShares, NearMpcHome, UnreadableFile } from './near-mpc-home.ts'

/** The file to take, and why each other one was not. */
export type Choice = { chosen: FoundShares; refused: UnreadableFile[] }

/**
 * The first file whose shares are exactly those that the live keyset names, every one proved. All others are refused with
 * what is wrong with them: another epoch, a superseded attempt, another participant's, too few.
 * @throws HoldfastError `NOTHING_TO_IMPORT`, naming every file and its fault
 */
export function chooseShares({ found, unreadable }: NearMpcHome, { keyset, participantId }: Live): Choice {
  const refused = [...unreadable]
  let chosen: FoundShares | undefined
  for (const candidate of found) {
    if (chosen !== undefined) break
    try {
      const shares = readKeyshares(candidate.keyshares, `the content of ${candidate.file}`)
      try {
        proveKeyshares(shares, keyset, participantId)
        chosen = candidate
      } finally {
        wipeKeyshares(shares)
      }
    } catch (error) {
      if (!isHoldfastError(error)) throw error
      refused.push({ file: candidate.file, code: error.code, reason: errorMessage(error) })
    }
  }
  if (chosen !== undefined) return { chosen, refused }
  const faults = refused.map(({ file, reason, code }) => `${file}: ${reason} (${code})`)
  throw new HoldfastError(
    'NOTHING_TO_IMPORT',
    `cannot import: no file holds the shares of the live keyset of epoch ${keyset.epoch_id} of participant ` +
      `${participantId}${faults.length === 0 ? ', for there is none' : `: ${faults.join('; ')}`}; where the node still runs, ` +
      'the service fetches them from it',
  )
}
