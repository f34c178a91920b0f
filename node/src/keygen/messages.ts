import * as v from 'valibot'

const u64 = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.bigint()]),
  v.transform((x) => BigInt(x)),
  v.minValue(0n),
  v.maxValue(2n ** 64n - 1n),
)
const hex = (bytes: number) => v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(2 * bytes))

/** Both rounds are asked for by naming the attempt; who asks is known from the connection. */
export const packageRequest = v.strictObject({ epoch_id: u64, domain_id: u64, attempt_id: u64 })
export const round1Response = v.strictObject({
  commitment: v.pipe(v.array(hex(32)), v.minLength(1), v.maxLength(256)),
  proof_of_knowledge: hex(64),
})
/** Secret: for the asking peer's eyes only. */
export const round2Response = v.strictObject({ signing_share: hex(32) })

export const KEYGEN_ROUND1 = 'keygen/round1'
export const KEYGEN_ROUND2 = 'keygen/round2'
