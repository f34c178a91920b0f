import type { MethodName } from './execute.ts'
import type { PhaseKind } from './model.ts'

/** What a run has come through. */
export class Coverage {
  readonly accepted = new Map<MethodName, number>()
  readonly codes = new Map<string, number>()
  readonly phases = new Map<PhaseKind, number>()
  readonly events = new Map<string, number>()
  steps = 0

  count<Key>(map: Map<Key, number>, key: Key): void {
    map.set(key, (map.get(key) ?? 0) + 1)
  }

  /** A few lines for the reader of the test. */
  toString(): string {
    const show = (map: Map<string, number>) =>
      [...map]
        .sort(([, a], [, b]) => b - a)
        .map(([key, times]) => `${key} ${times}`)
        .join(', ')
    return [
      `${this.steps} calls`,
      `accepted: ${show(this.accepted)}`,
      `refused: ${show(this.codes)}`,
      `calls in: ${show(this.phases)}`,
      `events: ${show(this.events)}`,
    ].join('\n')
  }
}
