import * as v from 'valibot'
import { hexOf } from '../mesh/fields.ts'

/** A dealer's answer: commitments for all, with its signature (key-events/broadcast.ts); the share for the asking peer's eyes only. */
export const dealtResponse = v.strictObject({
  commitments: v.pipe(v.array(hexOf(32)), v.minLength(1), v.maxLength(256)),
  signature: hexOf(64),
  share: hexOf(32),
})

export const RESHARE_DEALT = 'reshare/dealt'
