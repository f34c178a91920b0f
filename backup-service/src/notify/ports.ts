import type { Message, Sender } from './message.ts'

/**
 * How sending went. `failed` names no secret; `afterMs` is how long the receiver asked to be left alone, where it did.
 */
export type Sent = { kind: 'sent' } | { kind: 'failed'; reason: string; afterMs?: number | undefined }

/** Somewhere that messages go. */
export interface SendMessage {
  readonly name: string
  readonly kind: string
  /** Whether it is told of this message at all. */
  wants(message: Pick<Message, 'severity' | 'always' | 'kind'>): boolean
  /** One try, under a deadline of its own. Never rejects but with the signal's reason. */
  send(message: Message, sender: Sender, signal: AbortSignal): Promise<Sent>
}

/** What must outlive the process. */
export interface KeepNotifierState<State> {
  load(): Promise<State | undefined>
  /** Survives a crash once it resolves. */
  save(state: State): Promise<void>
}
