import type { DemoReporter } from './events.ts'

/** One JSON object per line; the last line is the result. */
export function createJsonReporter(write: (line: string) => void): DemoReporter {
  const line = (value: unknown): void => write(`${JSON.stringify(value)}\n`)
  return { event: line, waiting: () => undefined, result: line }
}
