import { errorMessage } from '../errors.ts'

/** What one check of a doctor found. `wrong`: the service cannot do its work so; `doubtful`: it can, for now. */
export type Finding =
  | { check: string; verdict: 'well'; found: string }
  | { check: string; verdict: 'doubtful' | 'wrong'; found: string; todo: string }

export function well(check: string, found: string): Finding {
  return { check, verdict: 'well', found }
}

export function doubtful(check: string, found: string, todo: string): Finding {
  return { check, verdict: 'doubtful', found, todo }
}

export function wrong(check: string, found: string, todo: string): Finding {
  return { check, verdict: 'wrong', found, todo }
}

/** A check that threw found that; errors of this program say themselves what to do. */
export function failed(check: string, error: unknown, todo: string): Finding {
  return wrong(check, errorMessage(error), todo)
}
