import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { MESSAGE_KINDS } from './message.ts'
import type { KeepNotifierState } from './ports.ts'
import { SEVERITIES } from './severity.ts'

const u64 = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.transform((x) => BigInt(x)),
)
const severity = v.picklist(SEVERITIES)
const ms = v.number()

const message = v.object({
  id: v.string(),
  kind: v.picklist(MESSAGE_KINDS),
  severity,
  key: v.string(),
  title: v.string(),
  text: v.string(),
  atMs: ms,
  always: v.boolean(),
})

const stateSchema = v.object({
  format: v.literal('holdfast/notifications/1'),
  /** What was last seen of the operator: what differs from it at the next look is told, also after a stop. */
  operator: v.nullable(
    v.object({
      participant: v.nullable(
        v.object({ participantId: v.number(), tlsKey: v.string(), url: v.string(), incarnation: u64 }),
      ),
      backupService: v.nullable(v.object({ tlsKey: v.string(), signerKey: v.nullable(v.string()) })),
      migration: v.nullable(v.object({ tlsKey: v.string(), signerKey: v.string(), url: v.string() })),
      recovery: v.nullable(
        v.object({
          tlsKey: v.string(),
          signerKey: v.string(),
          url: v.string(),
          requestedAt: u64,
          delivered: v.boolean(),
        }),
      ),
    }),
  ),
  /** Whose contract it was, and its version. */
  network: v.optional(v.nullable(v.string()), null),
  authorisation: v.union([
    v.literal('unread'),
    v.null(),
    v.object({ tlsKey: v.string(), signerKey: v.string(), expiresAt: u64 }),
  ]),
  /** Conditions that somebody was told of. */
  book: v.array(
    v.object({
      alert: v.object({ key: v.string(), severity, title: v.string(), text: v.string(), graceMs: ms }),
      sinceMs: ms,
      told: v.nullable(v.object({ severity, title: v.string(), atMs: ms })),
      goneSinceMs: v.nullable(ms),
    }),
  ),
  outbox: v.array(v.object({ target: v.string(), message, tries: v.number() })),
  /** What was last told, newest last, for the status. */
  recent: v.array(message),
})

export type NotifierState = v.InferOutput<typeof stateSchema>

export const NEW_STATE: NotifierState = {
  format: 'holdfast/notifications/1',
  operator: null,
  network: null,
  authorisation: 'unread',
  book: [],
  outbox: [],
  recent: [],
}

/**
 * The state in one file. Messages name keys and hosts, no secret. One that is torn or of another version counts as none:
 * then what is under way is told again, and nothing else is lost.
 */
export function stateFile(file: string): KeepNotifierState<NotifierState> {
  return {
    load: () =>
      readFile(file, 'utf8')
        .then((text) => v.parse(stateSchema, parseJson(text, file)))
        .catch(() => undefined),
    save: (state) => writeDurably(file, `${stringifyJson(state)}\n`),
  }
}
