import * as v from 'valibot'
import { hexOf, participantId, u64 } from '../mesh/fields.ts'

const points = v.pipe(v.array(hexOf(32)), v.minLength(1), v.maxLength(256))

/** One try at repairing one share: its name, the key, who helps (ascending) and who lost the share. */
export const repairRequest = v.strictObject({
  session: hexOf(16),
  epoch_id: u64,
  domain_id: u64,
  attempt_id: u64,
  helpers: v.pipe(v.array(participantId), v.minLength(1), v.maxLength(256)),
  lost: participantId,
})
export type RepairRequest = v.InferOutput<typeof repairRequest>

/** To another helper: its piece, and the points of all pieces of this split. */
export const pieceResponse = v.strictObject({ piece: hexOf(32), points })
/** To the node that lost its share: the sum of the pieces, and the points of this helper's own split. */
export const sumResponse = v.strictObject({ sum: hexOf(32), points })

export const REPAIR_PIECE = 'repair/piece'
export const REPAIR_SUM = 'repair/sum'
