import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import type { Phase } from '../phases/phase.ts'
import type { KnowSituation } from '../ports.ts'

/** The newest view and the phase decided from it. */
export type Situation = KnowSituation & {
  newest(): { phase: Phase; view: ContractView } | undefined
  /** Whether the newest view is young enough to act on. */
  isFresh(): boolean
  set(phase: Phase, view: ContractView): void
  /** Resolves at the next `set`. */
  changed(): Promise<void>
}

/** Holds the situation and refuses to answer from a view that is too old (protocol.md 3, fail closed). */
export function createSituation(maxViewAgeMs: number, now: () => number = Date.now): Situation {
  let newest: { phase: Phase; view: ContractView } | undefined
  let next = Promise.withResolvers<void>()
  const ageMs = () => (newest === undefined ? Infinity : now() - newest.view.block.timestampMs)
  const isFresh = () => ageMs() <= maxViewAgeMs
  return {
    newest: () => newest,
    isFresh,
    set(phase, view) {
      newest = { phase, view }
      next.resolve()
      next = Promise.withResolvers()
    },
    changed: () => next.promise,
    phase() {
      if (newest !== undefined && isFresh()) return newest.phase
      const found = newest === undefined ? 'none was read yet' : `the newest is ${Math.round(ageMs() / 1000)} s old`
      throw new HoldfastError(
        'VIEW_STALE',
        `this node answers only from a fresh view of the contract: ${found}, allowed are ${maxViewAgeMs / 1000} s; check its rpc_urls`,
      )
    },
  }
}
