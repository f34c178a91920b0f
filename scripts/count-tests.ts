/** What ava marks a passed test with, at the start of its line. */
const PASSED = /^ {2}✔ /gm

/**
 * How many tests passed and failed by ava's output, without colours. Its last lines say how many passed only if all did; where
 * some failed, those that it ticked off are counted.
 */
export function countTests(output: string): { passed: number; failed: number } {
  const passed = lastCount(output, /^\s*(\d+) tests? passed/gm)
  const failed = lastCount(output, /^\s*(\d+) (?:tests?|uncaught exceptions?|unhandled rejections?) failed/gm)
  return { passed: passed ?? [...output.matchAll(PASSED)].length, failed: failed ?? 0 }
}

/** The number in the last match: ava sums up at the end of its output. */
function lastCount(text: string, pattern: RegExp): number | undefined {
  const found = [...text.matchAll(pattern)].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}
