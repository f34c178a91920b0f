import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'

/**
 * Asks again and again until the answer is not undefined.
 * @param what completes "waited … for": named in the error.
 * @throws HoldfastError `WAITED_TOO_LONG` with the last failure; `PROCESS_ENDED` from `ask` at once; the signal's reason.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { deadlineMs, signal, everyMs = 50 }: { deadlineMs: number; signal: AbortSignal; everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  let last = 'it has not happened yet'
  for (;;) {
    signal.throwIfAborted()
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      if (isHoldfastError(error, 'PROCESS_ENDED')) throw error
      last = errorMessage(error)
    }
    if (performance.now() > deadline) {
      throw new HoldfastError('WAITED_TOO_LONG', `waited ${deadlineMs / 1000} s for ${what} in vain: ${last}`)
    }
    await delay(everyMs, undefined, { signal })
  }
}
