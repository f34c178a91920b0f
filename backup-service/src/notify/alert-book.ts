import type { Message } from './message.ts'
import { REMIND_AFTER_MS, type Severity } from './severity.ts'

/** A condition that holds now and that somebody should know of. */
export type Alert = {
  key: string
  severity: Severity
  title: string
  text: string
  /** It must have lasted so long before anybody is told, in milliseconds. */
  graceMs: number
}

/** A condition as the book follows it. */
export type BookEntry = {
  alert: Alert
  sinceMs: number
  /** What was last told about it, and when; null during its grace. */
  told: { severity: Severity; title: string; atMs: number } | null
  /** Since when it no longer holds. */
  goneSinceMs: number | null
}

export type AlertBook = readonly BookEntry[]
export type Said = Pick<Message, 'kind' | 'severity' | 'key' | 'title' | 'text'>

/** What is over is called over after so long without coming back. */
export const SETTLE_MS = 30_000

/**
 * The book after one look at the conditions, and what is to be told: a condition once when it has outlasted its grace, again
 * when its severity or title changes or its reminder is due, and when it is over. One that comes and goes within its grace
 * is never told, and its end neither.
 */
export function followAlerts(
  book: AlertBook,
  alerts: readonly Alert[],
  nowMs: number,
): { book: AlertBook; said: Said[] } {
  const said: Said[] = []
  const known = new Map(book.map((entry) => [entry.alert.key, entry]))
  const next: BookEntry[] = []
  for (const alert of alerts) {
    const entry = known.get(alert.key)
    known.delete(alert.key)
    const followed: BookEntry = {
      alert,
      sinceMs: entry?.sinceMs ?? nowMs,
      told: entry?.told ?? null,
      goneSinceMs: null,
    }
    const kind = toTell(followed, nowMs)
    if (kind !== undefined) {
      const { key, severity, title, text } = alert
      said.push({ kind, key, severity, title, text })
      followed.told = { severity, title, atMs: nowMs }
    }
    next.push(followed)
  }
  for (const entry of known.values()) {
    if (entry.told === null) continue
    const goneSinceMs = entry.goneSinceMs ?? nowMs
    if (nowMs - goneSinceMs < SETTLE_MS) {
      next.push({ ...entry, goneSinceMs })
      continue
    }
    const { key } = entry.alert
    const title = `over: ${entry.told.title}`
    said.push({ kind: 'resolved', key, severity: entry.told.severity, title, text: lasted(entry.sinceMs, goneSinceMs) })
  }
  return { book: next, said }
}

function toTell({ alert, sinceMs, told }: BookEntry, nowMs: number): Said['kind'] | undefined {
  if (told === null) return nowMs - sinceMs >= alert.graceMs ? 'opened' : undefined
  if (told.severity !== alert.severity || told.title !== alert.title) return 'changed'
  return nowMs - told.atMs >= REMIND_AFTER_MS[alert.severity] ? 'reminder' : undefined
}

function lasted(fromMs: number, toMs: number): string {
  return `It lasted from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}.`
}
