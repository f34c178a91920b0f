import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { FreshnessLimits, Grade } from './grade.ts'

/** What is to become of work that the view asks for, or of work that is under way. */
export type Permit = 'act' | 'hold-back' | 'give-up'

/**
 * Whether work may be done on a view of this grade. `underWay` says that exactly this work was begun while the view was
 * still fresh: a delivery to a destination that was named then, or its next try.
 */
export function permitOf(grade: Grade, underWay: boolean): Permit {
  switch (grade.kind) {
    case 'normal':
      return 'act'
    case 'conservative':
      return underWay ? 'act' : 'hold-back'
    case 'unseen':
    case 'closed':
      return underWay ? 'give-up' : 'hold-back'
    default:
      grade satisfies never
      throw new TypeError('unknown grade')
  }
}

/** Why less than everything is done on a view of this grade, for the operator; undefined where everything is. */
export function staleView(grade: Grade, limits: FreshnessLimits): HoldfastError<'VIEW_STALE'> | undefined {
  if (grade.kind === 'normal' || grade.kind === 'unseen') return undefined
  const consequence =
    grade.kind === 'closed'
      ? `more than ${limits.closedMs / 1_000} s: everything is stopped`
      : `${limits.normalMs / 1_000} s or more: nothing new is started`
  return new HoldfastError(
    'VIEW_STALE',
    `the newest final block that enough endpoints agree on is ${grade.ageMs < 0 ? 'in the future by' : 'older than'} ` +
      `${consequence}; check this machine's clock and whether the RPC endpoints follow the chain`,
  )
}
