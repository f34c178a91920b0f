import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseStrictJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { isEd25519Key, type Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { CLAIMS } from '../network/claims.ts'
import type { RestoreAnswer } from './approval.ts'
import type { SeenRequest } from './ports.ts'

const key = v.custom<Ed25519KeyText>((x) => typeof x === 'string' && isEd25519Key(x), 'an ed25519 key')
/** Nanoseconds since the epoch, as the contract writes them. */
const nanoseconds = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,20}$/, 'nanoseconds'),
  v.transform((text) => BigInt(text)),
)

const answerSchema = v.strictObject({
  format: v.literal('holdfast/restore-answer/1'),
  destination_tls_public_key: key,
  requested_at: nanoseconds,
  verdict: v.picklist(['approved', 'denied']),
})

const requestSchema = v.strictObject({
  format: v.literal('holdfast/restore-request/1'),
  /** Left out by versions that knew recoveries only. */
  claim: v.optional(v.picklist(CLAIMS), 'recovery'),
  destination_tls_public_key: key,
  requested_at: nanoseconds,
  first_seen_ms: v.pipe(v.number(), v.safeInteger()),
  url: v.string(),
})

export function answerToJson({ destination, requestedAt, verdict }: RestoreAnswer): string {
  return `${stringifyJson({
    format: 'holdfast/restore-answer/1',
    destination_tls_public_key: destination,
    requested_at: String(requestedAt),
    verdict,
  })}\n`
}

/** @throws HoldfastError `INVALID_JSON` */
export function answerFromJson(text: string, where: string): RestoreAnswer {
  const { destination_tls_public_key, requested_at, verdict } = checked(answerSchema, text, where)
  return { destination: destination_tls_public_key, requestedAt: requested_at, verdict }
}

export function requestToJson({ claim, destination, requestedAt, firstSeenMs, url }: SeenRequest): string {
  return `${stringifyJson({
    format: 'holdfast/restore-request/1',
    claim,
    destination_tls_public_key: destination,
    requested_at: String(requestedAt),
    first_seen_ms: firstSeenMs,
    url,
  })}\n`
}

/** @throws HoldfastError `INVALID_JSON` */
export function requestFromJson(text: string, where: string): SeenRequest {
  const { claim, destination_tls_public_key, requested_at, first_seen_ms, url } = checked(requestSchema, text, where)
  return { claim, destination: destination_tls_public_key, requestedAt: requested_at, firstSeenMs: first_seen_ms, url }
}

function checked<S extends v.GenericSchema>(schema: S, text: string, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, parseStrictJson(text, where))
  if (result.success) return result.output
  const issue = result.issues[0]
  throw new HoldfastError(
    'INVALID_JSON',
    `cannot read ${where}: at ${v.getDotPath(issue) ?? 'the top'}, expected ${issue.expected ?? issue.message}`,
  )
}
