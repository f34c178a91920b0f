import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import { backoff, type Backoff } from '@holdfast/protocol/poll.ts'
import { LIMITS } from '../limits.ts'

/** Calls to the contract that a view has shown to be needed. */
export type RunActions = {
  /**
   * Makes the call unless the same one is under way, has just succeeded (its effect takes a while to be final) or waits
   * after a failure. Whoever wants it asks again on every view that still shows the need: an accepted transaction is no
   * proof that the contract changed, only the contract's own view is.
   */
  ensure(name: string, call: (signal: AbortSignal) => Promise<unknown>): void
}

type Action = { isUnderWay: boolean; notBeforeMs: number; retry: Backoff }
type Parts = { signal: AbortSignal; log: Logger; now?: () => number }

const MOST_REMEMBERED = 64

export function createActions({ signal, log, now = Date.now }: Parts): RunActions {
  const actions = new Map<string, Action>()

  return {
    ensure(name, call) {
      const action = actions.get(name) ?? remember(name)
      if (signal.aborted || action.isUnderWay || now() < action.notBeforeMs) return
      action.isUnderWay = true
      void make(name, action, call)
    },
  }

  async function make(name: string, action: Action, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await call(signal)
      log.info({ call: name }, 'the contract accepted a call')
      action.retry.reset()
      action.notBeforeMs = now() + LIMITS.actionSettleMs
    } catch (error) {
      const waitMs = action.retry.next()
      action.notBeforeMs = now() + waitMs
      if (!signal.aborted) {
        log.warn({ call: name, reason: errorMessage(error), retry_in_ms: waitMs }, 'a call to the contract failed')
      }
    } finally {
      action.isUnderWay = false
    }
  }

  function remember(name: string): Action {
    const oldest = actions.keys().next()
    if (actions.size >= MOST_REMEMBERED && oldest.done !== true) actions.delete(oldest.value)
    const action = {
      isUnderWay: false,
      notBeforeMs: 0,
      retry: backoff({ minMs: LIMITS.actionMinMs, maxMs: LIMITS.actionMaxMs }),
    }
    actions.set(name, action)
    return action
  }
}
