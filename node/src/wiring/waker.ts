/** A pause that can be cut short from elsewhere. */
export type Waker = { now(): void; pause(ms: number, signal: AbortSignal): Promise<void> }

export function createWaker(): Waker {
  let wake: (() => void) | undefined
  let isDue = false
  return {
    now() {
      isDue = true
      wake?.()
    },
    pause(ms, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = undefined
          isDue = false
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done, { once: true })
        wake = done
        if (isDue || signal.aborted) done()
      })
    },
  }
}
