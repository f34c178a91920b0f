import type { Severity } from './severity.ts'

/**
 * What a notification is about: a condition that begins, changes, lasts or ends; something that happened; or a test. The
 * four of a condition share its `key`.
 */
export const MESSAGE_KINDS = ['opened', 'changed', 'reminder', 'resolved', 'event', 'test'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

export type Message = {
  /** Different for every message: a receiver that gets one twice can tell. */
  id: string
  kind: MessageKind
  severity: Severity
  /** What it is about, such as `view-stale` or `endpoint:rpc.example.org`. */
  key: string
  /** One line. */
  title: string
  /** What was found, and what to do. */
  text: string
  /** Milliseconds since the epoch. */
  atMs: number
  /** Goes to every target, whatever least severity it was given: a thief's recovery must not be silent. */
  always: boolean
}

/** A message before it has an id and a time. */
export type Notice = Pick<Message, 'severity' | 'key' | 'title' | 'text' | 'always'>

/** Whose backup service speaks. */
export type Sender = { accountId: string; contractId: string }
