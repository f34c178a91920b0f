import type { Message } from './message.ts'
import { SEVERITIES } from './severity.ts'

/** One message on its way to one target. */
export type OutboxEntry = { target: string; message: Message; tries: number }
export type Outbox = readonly OutboxEntry[]

/** The most that waits for one target; what matters least makes room. */
export const MOST_WAITING = 200
/** What could not be told for so long is told no more. */
export const KEEP_MS = 7 * 24 * 60 * 60_000

/** The outbox without what is too old or too much, and how many that were. */
export function bounded(outbox: Outbox, nowMs: number): { outbox: Outbox; dropped: number } {
  const kept: OutboxEntry[] = []
  for (const target of new Set(outbox.map((entry) => entry.target))) {
    const own = outbox.filter((entry) => entry.target === target && nowMs - entry.message.atMs < KEEP_MS)
    const leastFirst = own.toSorted((a, b) => weight(a.message) - weight(b.message) || a.message.atMs - b.message.atMs)
    const tooMany = new Set(leastFirst.slice(0, Math.max(0, own.length - MOST_WAITING)))
    kept.push(...own.filter((entry) => !tooMany.has(entry)))
  }
  return { outbox: kept, dropped: outbox.length - kept.length }
}

/** The message to try next for a target: the one tried least, then the oldest, so that one that is refused blocks no other. */
export function nextFor(outbox: Outbox, target: string): OutboxEntry | undefined {
  return outbox
    .filter((entry) => entry.target === target)
    .toSorted((a, b) => a.tries - b.tries || a.message.atMs - b.message.atMs)[0]
}

export function without(outbox: Outbox, { target, message }: OutboxEntry): Outbox {
  return outbox.filter((entry) => entry.target !== target || entry.message.id !== message.id)
}

export function tried(outbox: Outbox, { target, message }: OutboxEntry): Outbox {
  return outbox.map((entry) =>
    entry.target === target && entry.message.id === message.id ? { ...entry, tries: entry.tries + 1 } : entry,
  )
}

function weight({ severity, always }: Message): number {
  return SEVERITIES.indexOf(severity) + (always ? SEVERITIES.length : 0)
}
