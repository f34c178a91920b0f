import * as v from 'valibot'

/** An unsigned 64-bit integer, as a bigint. */
export const u64 = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.bigint()]),
  v.transform((x) => BigInt(x)),
  v.minValue(0n),
  v.maxValue(2n ** 64n - 1n),
)

/** A participant id: an unsigned 32-bit integer. */
export const participantId = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 32 - 1))

/** Lower-case hex of exactly so many bytes. */
export function hexOf(bytes: number) {
  return v.pipe(v.string(), v.length(2 * bytes), v.regex(/^[0-9a-f]*$/))
}
