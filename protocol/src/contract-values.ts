import * as v from 'valibot'
import { HoldfastError } from './errors.ts'

const U64_MAX = 2n ** 64n - 1n

/** A u64 of the contract's JSON, as a bigint. */
export const u64 = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.bigint()]),
  v.transform((x) => BigInt(x)),
  v.minValue(0n),
  v.maxValue(U64_MAX),
)

/** Nanoseconds since the epoch, as decimal text. */
export const nanoseconds = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,20}$/),
  v.transform((x) => BigInt(x)),
)

/** Reads JSON by a schema; `what` names it in the error. @throws HoldfastError `INVALID_STATE` naming the bad field */
export function parseWith<S extends v.GenericSchema>(schema: S, json: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const issue = result.issues[0]
  throw new HoldfastError(
    'INVALID_STATE',
    `cannot read ${what}: at ${v.getDotPath(issue) ?? 'the top'}, expected ${issue.expected ?? issue.message}, found ${issue.received.slice(0, 80)}`,
  )
}
