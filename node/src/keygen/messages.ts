import * as v from 'valibot'
import { hexOf } from '../mesh/fields.ts'

/** Both rounds are asked for by naming the attempt (key-events/attempt-sessions.ts). `signature`: key-events/broadcast.ts. */
export const round1Response = v.strictObject({
  commitment: v.pipe(v.array(hexOf(32)), v.minLength(1), v.maxLength(256)),
  proof_of_knowledge: hexOf(64),
  signature: hexOf(64),
})
/** Secret: for the asking peer's eyes only. */
export const round2Response = v.strictObject({ signing_share: hexOf(32) })

export const KEYGEN_ROUND1 = 'keygen/round1'
export const KEYGEN_ROUND2 = 'keygen/round2'
