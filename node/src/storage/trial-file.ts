import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** The text of the file that names the attempts whose shares are on trial, `["4_0_0", …]`. */
export function serializeTrialFile(names: ReadonlySet<string>): string {
  return `${JSON.stringify([...names])}\n`
}

/** @throws HoldfastError `SHARES_DAMAGED`: what may have to be destroyed must be known before anything is done */
export function parseTrialFile(text: string | undefined, path: string): Set<string> {
  if (text === undefined) return new Set()
  const names = parsed(text)
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return new Set(names)
  throw new HoldfastError(
    'SHARES_DAMAGED',
    `cannot read ${path}, which names the shares that a planned move brought: found no list of names; the file was left ` +
      'as it is. Check the disk; if it cannot be repaired, set up this node in a new home and plan the move to that',
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
