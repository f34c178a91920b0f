import { failed, well, type Finding } from './finding.ts'

/** Tries something that a check rests on; resolves to what it gave, or to undefined where it failed. */
export type Attempt = <T>(
  check: string,
  todo: string,
  act: () => Promise<T>,
  found: (value: T) => string,
) => Promise<T | undefined>

/** Attempts that add what they came to, well or not, to these findings. */
export function attemptsInto(findings: Finding[]): Attempt {
  return async (check, todo, act, found) => {
    try {
      const value = await act()
      findings.push(well(check, found(value)))
      return value
    } catch (error) {
      findings.push(failed(check, error, todo))
      return undefined
    }
  }
}
