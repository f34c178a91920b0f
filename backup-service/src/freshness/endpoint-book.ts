import type { EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'

/**
 * How an RPC endpoint is doing: `wrong` is no NEAR RPC, or one of another chain or without the contract; `flapping` has
 * changed so often lately that its newest word says little.
 */
export const ENDPOINT_STATES = ['well', 'lied', 'lagging', 'unreachable', 'wrong', 'flapping'] as const
export type EndpointState = (typeof ENDPOINT_STATES)[number]
export const ENDPOINT_TROUBLES = ['lied', 'lagging', 'unreachable', 'wrong'] as const
export type EndpointTrouble = (typeof ENDPOINT_TROUBLES)[number]

/** What is known of one endpoint. `endpoint` is its host and port; times in milliseconds since the epoch. */
export type EndpointRecord = {
  endpoint: string
  now: 'well' | EndpointTrouble
  /** What was last said about it, also after it got well. */
  detail: string
  /** What was last said about it while it was in trouble. */
  trouble: string
  sinceMs: number
  /** How often it fell into each trouble since the service started. */
  times: Record<EndpointTrouble, number>
  /** When it changed lately, oldest first. */
  changes: number[]
}

/** So many changes within this time are flapping, and so long without one is its end. */
export const FLAPS = 6
export const FLAP_WINDOW_MS = 10 * 60_000

export function newEndpointRecord(endpoint: string, nowMs: number): EndpointRecord {
  return { endpoint, now: 'well', detail: '', trouble: '', sinceMs: nowMs, times: NEVER, changes: [] }
}

/** The record after what was learnt about the endpoint. */
export function withEndpointEvent(
  record: EndpointRecord,
  { kind, detail }: { kind: EndpointEvent['kind'] | 'wrong'; detail: string },
  nowMs: number,
): EndpointRecord {
  const now = kind === 'recovered' ? 'well' : kind
  const trouble = now === 'well' ? record.trouble : detail
  if (now === record.now) return { ...record, detail, trouble }
  const times = now === 'well' ? record.times : { ...record.times, [now]: record.times[now] + 1 }
  return { ...record, now, detail, trouble, sinceMs: nowMs, times, changes: [...record.changes, nowMs].slice(-FLAPS) }
}

/** Its state at a time, and since when. It gets well by itself: what flaps is well after so long without a change. */
export function endpointState(record: EndpointRecord, nowMs: number): { state: EndpointState; sinceMs: number } {
  const [oldest] = record.changes
  const newest = record.changes.at(-1)
  const hasFlapped = record.changes.length === FLAPS && oldest !== undefined && newest !== undefined
  if (hasFlapped && newest - oldest < FLAP_WINDOW_MS && nowMs - newest < FLAP_WINDOW_MS)
    return { state: 'flapping', sinceMs: oldest }
  return { state: record.now, sinceMs: record.sinceMs }
}

/** What there is to say about it. Of one that flaps, the newest word may well be that all is well again. */
export function endpointDetail(record: EndpointRecord, nowMs: number): string {
  if (endpointState(record, nowMs).state !== 'flapping') return record.detail
  const counts = ENDPOINT_TROUBLES.filter((each) => record.times[each] > 0).map(
    (each) => `${each} ${record.times[each]} times`,
  )
  return `since the start ${counts.join(', ')}; the last time: ${record.trouble}`
}

const NEVER = { lied: 0, lagging: 0, unreachable: 0, wrong: 0 } as const satisfies EndpointRecord['times']
