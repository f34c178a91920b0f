/** A loop that has not looked at the chain for so long beyond three polls hangs: each look has deadlines that add up to less. */
const LONGEST_SILENCE_MS = 60_000

/** Whether the loop goes on. Times in milliseconds since the epoch. */
export function isTicking(lastTickMs: number, nowMs: number, pollIntervalMs: number): boolean {
  return nowMs - lastTickMs <= LONGEST_SILENCE_MS + 3 * pollIntervalMs
}
