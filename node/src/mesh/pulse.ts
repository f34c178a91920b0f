import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { LIMITS } from '../limits.ts'
import { BEAT, beatJson, parseBeat, unfitness, type Beat } from './beat.ts'
import type { Link } from './link.ts'

/** What the newest heartbeat says of a peer. */
export type Fitness = { kind: 'unknown' } | { kind: 'fit' } | { kind: 'unfit'; reason: string }

/** Heartbeats over one link while it is up. */
export type Pulse = { fitness(): Fitness; start(): void; stop(): void }

/** Heartbeats in a row that may stay without an answer: a busy machine is not a dead one. */
const MOST_MISSED = 2

/**
 * Asks for a heartbeat as soon as the link is up and then every `everyMs`. A peer that does not answer two in a row is hung
 * up on, to be dialled again; one whose clock or view is off is left out until a later heartbeat is well.
 */
export function keepPulse(
  link: () => Link | undefined,
  own: () => Beat,
  everyMs: number,
  onChange: (fitness: Fitness) => void,
): Pulse {
  let fitness: Fitness = { kind: 'unknown' }
  let beating: AbortController | undefined

  return { fitness: () => fitness, start, stop }

  function start(): void {
    stop()
    beating = new AbortController()
    void beat(beating.signal)
  }

  function stop(): void {
    beating?.abort(new Error('the connection ended'))
    fitness = { kind: 'unknown' }
  }

  async function beat(signal: AbortSignal): Promise<void> {
    let missed = 0
    while (!signal.aborted) {
      try {
        const before = own()
        const answer = await link()?.ask(BEAT, beatJson(before), { signal, timeoutMs: LIMITS.beatMs })
        if (signal.aborted || answer === undefined) return
        missed = 0
        const after = own()
        const reason = unfitness(after, parseBeat(answer), (before.clockMs + after.clockMs) / 2)
        change(reason === undefined ? { kind: 'fit' } : { kind: 'unfit', reason })
      } catch (error) {
        if (signal.aborted) return
        // A refusal is an answer: the peer lives and is busy.
        if (isHoldfastError(error, 'PEER_REFUSED')) missed = 0
        else if (++missed === MOST_MISSED) return link()?.hangUp(`no heartbeat: ${errorMessage(error)}`)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      })
    }
  }

  function change(next: Fitness): void {
    const changed = next.kind !== fitness.kind
    fitness = next
    if (changed) onChange(next)
  }
}
