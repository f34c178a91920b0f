import type { Nanoseconds } from './types.ts'

const NANOSECONDS_PER_SECOND = 1_000_000_000n

/** `now` plus seconds, as the state keeps moments. */
export function after(now: bigint, seconds: number): Nanoseconds {
  return String(now + BigInt(seconds) * NANOSECONDS_PER_SECOND)
}

/** Has the moment come? It has at the very nanosecond. */
export function reached(moment: Nanoseconds, now: bigint): boolean {
  return now >= BigInt(moment)
}

/** The earlier of two moments. */
export function earlier(one: Nanoseconds, other: Nanoseconds): Nanoseconds {
  return BigInt(other) < BigInt(one) ? other : one
}
