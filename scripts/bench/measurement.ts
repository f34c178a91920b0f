/** One line of the bench's table. */
export type Measurement = {
  name: string
  /** For people. */
  measured: string
  /** The number behind it, in the unit that `measured` shows. */
  value: number
  /** For people; empty where there is none. */
  goal: string
  /** Null where there is no goal. */
  met: boolean | null
  how: string
}

/** Everything a part of the bench works with. */
export type BenchRun = { directory: string; wasm: Uint8Array; signal: AbortSignal; say: (what: string) => void }

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1)
  return (low + high) / 2
}

export function secondsText(value: number): string {
  return `${value.toFixed(2)} s`
}

/** All samples, so that a reader sees the spread behind a median. */
export function samplesText(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(', ')
}
