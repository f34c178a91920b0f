/** Tells a reader what happens: seconds since the start, who, what. */
export type Transcript = { tell(who: string, what: string): void }

const WHO_WIDTH = 22

/** Writes each line to standard output as it happens. */
export function startTranscript(title: string): Transcript {
  const started = performance.now()
  process.stdout.write(`${title}\n`)
  return {
    tell(who, what) {
      const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(7)
      process.stdout.write(`${seconds} s  ${who.padEnd(WHO_WIDTH)}  ${what}\n`)
    },
  }
}
