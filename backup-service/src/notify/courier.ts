import { backoff, sleep, type Backoff } from '@holdfast/protocol/poll.ts'
import type { Sender } from './message.ts'
import { nextFor, type Outbox, type OutboxEntry } from './outbox.ts'
import type { SendMessage, Sent } from './ports.ts'

/** One target's way of being told: one message at a time, not too many at once, with pauses that grow while it fails. */
export type CourierOptions = {
  target: SendMessage
  sender: Sender
  outbox: () => Outbox
  onSent: (entry: OutboxEntry) => Promise<void>
  onFailed: (entry: OutboxEntry, failure: Extract<Sent, { kind: 'failed' }>) => void
  retry?: { minMs: number; maxMs: number }
  /** A message every so often once `burst` went out at once. */
  pace?: { everyMs: number; burst: number }
  signal: AbortSignal
}

const RETRY = { minMs: 1_000, maxMs: 10 * 60_000 }
const PACE = { everyMs: 2_000, burst: 10 }

export type Courier = {
  /** There may be something to send. */
  wake(): void
  /** Settles once `signal` has aborted. */
  ended: Promise<void>
}

export function startCourier(options: CourierOptions): Courier {
  const { target, sender, outbox, onSent, onFailed, retry = RETRY, pace = PACE, signal } = options
  const waits: Backoff = backoff(retry)
  let wake: () => void = () => undefined
  let tokens = pace.burst
  let tokensAt = performance.now()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const entry = nextFor(outbox(), target.name)
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted || nextFor(outbox(), target.name) !== undefined) resolve()
        })
        continue
      }
      await sleep(toWait(), signal)
      tokens -= 1
      const sent = await target.send(entry.message, sender, signal)
      if (sent.kind === 'sent') {
        waits.reset()
        await onSent(entry)
      } else {
        onFailed(entry, sent)
        await sleep(Math.max(waits.next(), sent.afterMs ?? 0), signal)
      }
    }
  }

  function toWait(): number {
    const now = performance.now()
    tokens = Math.min(pace.burst, tokens + (now - tokensAt) / pace.everyMs)
    tokensAt = now
    return tokens >= 1 ? 0 : (1 - tokens) * pace.everyMs
  }

  signal.addEventListener('abort', () => wake(), { once: true })
  const ended = run().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return { wake: () => wake(), ended }
}
