import { HoldfastError } from './errors.ts'

/**
 * Resolves after `ms` milliseconds; the timer and the listener are removed on every path.
 * @throws the signal's reason as soon as it aborts, or at once if it already has.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    function abort() {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/**
 * Runs one remote act under one deadline. `act` gets a signal that aborts at the deadline or with `signal`, and is not
 * waited for after that, so an act that ignores its signal cannot hang the caller.
 * @throws HoldfastError `DEADLINE_EXCEEDED` naming `what`; the signal's reason if it aborts; whatever `act` throws.
 */
export async function withDeadline<T>(
  act: (signal: AbortSignal) => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new HoldfastError('DEADLINE_EXCEEDED', `${what} took longer than ${ms} ms`)
    stop(error)
    controller.abort(error)
  }, ms)
  const abort = () => {
    stop(signal?.reason)
    controller.abort(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([act(controller.signal), stopped])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

export type Backoff = {
  /** Milliseconds to wait before the next try: doubles from `minMs` to `maxMs`, with up to a fifth taken off. */
  next(): number
  /** After a success. */
  reset(): void
}

/** Exponential back-off; the jitter keeps machines that failed together from retrying together. */
export function backoff({ minMs, maxMs, random = Math.random }: BackoffOptions): Backoff {
  let wait = minMs
  return {
    next() {
      const current = wait
      wait = Math.min(maxMs, wait * 2)
      return Math.round(current * (1 - random() / 5))
    },
    reset() {
      wait = minMs
    },
  }
}
export type BackoffOptions = { minMs: number; maxMs: number; random?: () => number }
