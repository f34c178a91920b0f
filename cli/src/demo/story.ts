import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Check, DemoReporter, DemoResult, MadeSignature } from './events.ts'

/**
 * Keeps the book of one demo: which step runs, what was checked, signed and measured; tells the reporter.
 * A check that does not hold is recorded and the demo goes on: the exit code says so in the end.
 */
export class Story {
  readonly checks: Check[] = []
  readonly signatures: MadeSignature[] = []
  readonly seconds: DemoResult['seconds'] = { one: null, all: null, floor: null }
  publicKeys: Record<string, string> = {}
  wasmSha256: string | null = null
  readonly #reporter: DemoReporter
  readonly #started = performance.now()

  constructor(reporter: DemoReporter) {
    this.#reporter = reporter
  }

  /** Seconds since the demo began, to the millisecond. */
  now(): number {
    return secondsSince(this.#started)
  }

  tell(event: Parameters<DemoReporter['event']>[0]): void {
    this.#reporter.event(event)
  }

  phase(phase: string, title: string): void {
    this.#reporter.event({ event: 'phase', at: this.now(), phase, title })
  }

  /**
   * Runs one step. `act` gets a function to say what it waits for, and returns its value and the detail to show.
   */
  async step<T>(step: string, act: (waitingFor: (note: string) => void) => Promise<Told<T>>): Promise<T> {
    const started = performance.now()
    this.#reporter.waiting(step, '')
    try {
      const { value, detail } = await act((note) => this.#reporter.waiting(step, note))
      this.#reporter.event({ event: 'step', at: this.now(), step, detail, seconds: secondsSince(started) })
      return value
    } catch (error) {
      const failure = { step, error: errorMessage(error), seconds: secondsSince(started) }
      this.#reporter.event({ event: 'step_failed', at: this.now(), ...failure })
      throw error
    }
  }

  check(name: string, ok: boolean): void {
    this.checks.push({ name, ok })
    this.#reporter.event({ event: 'check', at: this.now(), name, ok })
  }

  signed(signature: MadeSignature): void {
    this.signatures.push(signature)
    this.#reporter.event({ event: 'signature', at: this.now(), ...signature })
  }

  /** What the demo ends with. `complete` is false where it was cut short. */
  result(complete: boolean): DemoResult {
    return {
      ok: complete && this.checks.length > 0 && this.checks.every(({ ok }) => ok),
      public_keys: this.publicKeys,
      wasm_sha256: this.wasmSha256,
      seconds: this.seconds,
      checks: this.checks,
      signatures: this.signatures,
    }
  }
}

/** A step's value with the words shown beside it. */
export type Told<T> = { value: T; detail: string }

/** Seconds since a `performance.now()`, to the millisecond. */
export function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1000
}
