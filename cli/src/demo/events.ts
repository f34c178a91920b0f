/** When in the story a signature was made. */
export const SIGNATURE_TIMES = ['before', 'one down', 'after one', 'after all'] as const
export type SignatureTime = (typeof SIGNATURE_TIMES)[number]

/** A signature with all that a stranger needs to verify it, but the public key, which is the result's `public_keys`. */
export type MadeSignature = { domain: number; message: string; signature: string; when: SignatureTime }

/** One fact the demo stands for, held or not. */
export type Check = { name: string; ok: boolean }

/** The last line of `--json`. Seconds are null for what was not reached. */
export type DemoResult = {
  ok: boolean
  public_keys: Record<string, string>
  wasm_sha256: string | null
  seconds: { one: number | null; all: number | null; floor: number | null }
  checks: Check[]
  signatures: MadeSignature[]
}

/** What the demo tells while it runs; `at` is in seconds since its start. With `--json` each is one line. */
export type DemoEvent =
  | {
      event: 'started'
      at: number
      nodes: number
      threshold: number
      domains: number
      block_ms: number
      chain: string
      home: string
    }
  | { event: 'phase'; at: number; phase: string; title: string }
  | { event: 'step'; at: number; step: string; detail: string; seconds: number }
  | { event: 'step_failed'; at: number; step: string; error: string; seconds: number }
  | ({ event: 'check'; at: number } & Check)
  | ({ event: 'signature'; at: number } & MadeSignature)
  | { event: 'kept'; at: number; reach: Record<string, string> }
  | { event: 'stopped'; at: number; signal: string }
  | { event: 'failed'; at: number; error: string; logs: string }

/** Shows the events to somebody. */
export type DemoReporter = {
  event(event: DemoEvent): void
  /** What is being waited for right now; only a live display shows it. */
  waiting(step: string, note: string): void
  result(result: DemoResult): void
}
