import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import type { Place } from '../ports.ts'

/** How an act went in one place. */
export type Outcome = { place: Place; failure: undefined } | { place: Place; failure: { error: unknown } }

/** No act in one place takes longer, unless told otherwise. */
export const PLACE_DEADLINE_MS = 20_000
/** Once enough places are done, the rest get this long; what they then lack is written later. */
export const STRAGGLER_MS = 2_000

/**
 * Does the same in every place at once, each under its own deadline. One that fails or hangs harms no other.
 * @param enough after so many successes the others are given `STRAGGLER_MS`
 * @throws the signal's reason when it aborts; never for a place's failure, which is an outcome
 */
export async function everywhere(
  places: readonly Place[],
  enough: number,
  act: (place: Place, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Outcome[]> {
  const late = new AbortController()
  let done = 0
  let timer: NodeJS.Timeout | undefined
  const outcomes = await Promise.all(
    places.map(async (place): Promise<Outcome> => {
      try {
        await withDeadline(
          (limited) => act(place, limited),
          deadlineMs,
          AbortSignal.any([signal, late.signal]),
          `the place ${place.name}`,
        )
        done += 1
        if (done === enough) timer = setTimeout(() => late.abort(tooLate(place)), STRAGGLER_MS)
        return { place, failure: undefined }
      } catch (error) {
        return { place, failure: { error } }
      }
    }),
  )
  clearTimeout(timer)
  signal.throwIfAborted()
  return outcomes
}

/**
 * Requires enough successes.
 * @throws HoldfastError the one place's own error; `NOT_DURABLE` with every place's reason where there are several
 */
export function requireEnough(outcomes: readonly Outcome[], enough: number, what: string): void {
  const failed = outcomes.flatMap(({ place, failure }) => (failure === undefined ? [] : [{ place, ...failure }]))
  const done = outcomes.length - failed.length
  const [first] = failed
  if (done >= enough || first === undefined) return
  if (outcomes.length === 1 && isHoldfastError(first.error)) throw first.error
  const reasons = failed.map(({ place, error }) => `${place.name}: ${errorMessage(error)}`).join('; ')
  throw new HoldfastError(
    'NOT_DURABLE',
    `cannot keep ${what}: ${done} of the ${enough} places that must hold it do; ${reasons}`,
  )
}

function tooLate(place: Place): HoldfastError {
  return new HoldfastError(
    'PLACE_UNREACHABLE',
    `the others, ${place.name} among them, were done ${STRAGGLER_MS} ms earlier; it is written later`,
  )
}
