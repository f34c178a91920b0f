import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** Runs a task when it is its turn. @throws HoldfastError `BUSY` at once; the signal's reason if it aborts before its turn */
export type Limit = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/** At most `atATime` tasks run; of the others at most `waiting` wait, first come, first served, and more are turned away. */
export function createLimiter({ atATime, waiting = Infinity }: { atATime: number; waiting?: number }): Limit {
  const queue = new Set<() => void>()
  let running = 0
  return async (task, signal) => {
    if (running < atATime) running += 1
    else if (queue.size < waiting) await turn(signal)
    else throw new HoldfastError('BUSY', `${running} are under way and ${queue.size} wait; ask again in a moment`)
    try {
      return await task()
    } finally {
      const [next] = queue
      if (next === undefined) running -= 1
      else next()
    }
  }

  function turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        queue.delete(go)
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        queue.delete(go)
        reject(signal?.reason)
      }
      if (signal?.aborted === true) return reject(signal.reason)
      signal?.addEventListener('abort', leave, { once: true })
      queue.add(go)
    })
  }
}
