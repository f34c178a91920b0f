/** The two ages of the agreed final block at which trust in it ends, in milliseconds; `normalMs` < `closedMs`. */
export type FreshnessLimits = { normalMs: number; closedMs: number }

/**
 * How far the newest view that enough endpoints agreed on may be acted on. `ageMs` is negative for a block that our clock
 * has yet to reach: then the clock is wrong or the endpoints are, and that counts like age.
 */
export type Grade =
  | { kind: 'unseen' }
  /** Everything. */
  | { kind: 'normal'; ageMs: number }
  /** Nothing new; what is under way goes on. */
  | { kind: 'conservative'; ageMs: number }
  /** Nothing; what is under way stops. */
  | { kind: 'closed'; ageMs: number }

export const GRADES = ['unseen', 'normal', 'conservative', 'closed'] as const satisfies readonly Grade['kind'][]

/** The grade of a view whose block has this time; undefined where none was seen yet. Times in milliseconds since the epoch. */
export function gradeOf(blockTimeMs: number | undefined, nowMs: number, limits: FreshnessLimits): Grade {
  if (blockTimeMs === undefined) return { kind: 'unseen' }
  const ageMs = nowMs - blockTimeMs
  const distance = Math.abs(ageMs)
  if (distance < limits.normalMs) return { kind: 'normal', ageMs }
  return { kind: distance <= limits.closedMs ? 'conservative' : 'closed', ageMs }
}

/** Milliseconds until the grade falls by age alone; undefined where it cannot fall any more. */
export function untilNextGrade(grade: Grade, { normalMs, closedMs }: FreshnessLimits): number | undefined {
  switch (grade.kind) {
    case 'normal':
      return normalMs - grade.ageMs
    case 'conservative':
      return grade.ageMs < 0 ? undefined : closedMs - grade.ageMs + 1
    case 'unseen':
    case 'closed':
      return undefined
    default:
      grade satisfies never
      throw new TypeError('unknown grade')
  }
}
