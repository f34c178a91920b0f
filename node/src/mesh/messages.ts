import * as v from 'valibot'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'

/**
 * What goes over a mesh connection. The dialling side asks, the accepting side answers; the accepting side's first
 * frame is `welcome`, which says that it knows the dialler's key as an active participant's.
 */
export type Request = { id: number; type: string; body: Json }
export type Response = { id: number; ok: Json } | { id: number; refused: { code: string; message: string } }
export const WELCOME: Json = { welcome: 1 }

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const anyJson = v.custom<Json>(() => true)
const request = v.strictObject({ id, type: v.pipe(v.string(), v.maxLength(40)), body: anyJson })
const response = v.union([
  v.strictObject({ id, ok: anyJson }),
  v.strictObject({ id, refused: v.strictObject({ code: v.string(), message: v.string() }) }),
])

/** @throws HoldfastError `INVALID_MESSAGE` */
export function parseRequest(json: Json): Request {
  return parseMessage(request, json, 'a request')
}

/** @throws HoldfastError `INVALID_MESSAGE` */
export function parseResponse(json: Json): Response {
  return parseMessage(response, json, 'an answer')
}

export function isWelcome(json: Json): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && json['welcome'] === 1
}

/** Reads a peer's message by a schema; never quotes it. @throws HoldfastError `INVALID_MESSAGE` naming the bad field */
export function parseMessage<S extends v.GenericSchema>(schema: S, json: Json, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new HoldfastError(
    'INVALID_MESSAGE',
    `cannot read ${what} of a peer: at ${v.getDotPath(issue) ?? 'the top'}, expected ${issue.expected ?? 'another value'}; ` +
      'check that all nodes run compatible versions',
  )
}
