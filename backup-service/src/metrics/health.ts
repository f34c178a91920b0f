import type { Facts } from '../status/status.ts'

/** A loop that has not looked at the chain for so long beyond three polls hangs: each look has deadlines that add up to less. */
const LONGEST_SILENCE_MS = 60_000

/** Whether the loop goes on. Times in milliseconds since the epoch. */
export function isTicking(lastTickMs: number, nowMs: number, pollIntervalMs: number): boolean {
  return nowMs - lastTickMs <= LONGEST_SILENCE_MS + 3 * pollIntervalMs
}

/** What must hold for the service to be of use if the node were lost now. */
export type Readiness = { view_fresh: boolean; places_writable: boolean; registered: boolean }

export function readiness({ freshness, registered }: Facts, placesWritable: boolean): Readiness {
  return { view_fresh: freshness.grade === 'normal', places_writable: placesWritable, registered }
}

export function isReady(found: Readiness): boolean {
  return found.view_fresh && found.places_writable && found.registered
}
