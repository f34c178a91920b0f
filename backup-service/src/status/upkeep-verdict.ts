import type { Checks, Verification } from '../upkeep/checks.ts'

/** What verifications, drills and receipts say about the live keyset that the backup itself does not. */
export type UpkeepVerdict =
  /** The backup that is there could not be used: it counts for nothing until the opposite was shown. */
  | { kind: 'unusable'; summary: string; toDo: string }
  | { kind: 'concern'; toDo: string }
  | { kind: 'sound'; drilled: boolean }

/** The keyset that is live, when its newest backup was stored (ISO 8601; null without one), and of which home. */
export type Backup = { home: string; keysetDigest: string; storedAt: string | null }

/**
 * A drill that failed says more than a file that looks good, and so does a verification. Only those of this keyset count, and
 * a verification only until a newer backup was stored or a drill has succeeded. Pure.
 */
export function upkeepVerdict({ verification, drill, receipts }: Checks, backup: Backup): UpkeepVerdict {
  const { home, keysetDigest } = backup
  const drilled = drill?.keyset_digest === keysetDigest ? drill : undefined
  if (drilled !== undefined && drilled.failure !== null) {
    return {
      kind: 'unusable',
      summary: `the drill of ${drilled.at} could not restore them`,
      toDo: `${drilled.failure.message} (${drilled.failure.code}); mend that, then try: holdfast backup drill --home ${home}`,
    }
  }
  if (verification !== null && foundNothing(verification, keysetDigest) && !isOutdated(verification, drilled, backup)) {
    const [failure] = verification.failures
    return {
      kind: 'unusable',
      summary: `the verification of ${verification.at} found no snapshot of them that can be used`,
      toDo: `${failure?.message ?? 'look into the repository'}; then try: holdfast backup verify --home ${home}`,
    }
  }
  const [failure] = verification?.failures ?? []
  if (failure !== undefined) {
    return { kind: 'concern', toDo: `the last verification could not use ${failure.file}: ${failure.message}` }
  }
  const told = [receipts.stored, receipts.drilled].filter((receipt) => receipt?.keyset_digest === keysetDigest)
  const untold = told.map((receipt) => receipt?.failure).find((each) => each !== null && each !== undefined)
  if (untold !== undefined && untold !== null) {
    return { kind: 'concern', toDo: `the contract was not told of this backup: ${untold.message}` }
  }
  return { kind: 'sound', drilled: drilled !== undefined }
}

function foundNothing({ keyset_digest, live }: Verification, keysetDigest: string): boolean {
  return keyset_digest === keysetDigest && (live === 'failed' || live === 'missing')
}

/** True where what was verified is not what is there now. */
export function isOutdated(
  { at }: Pick<Verification, 'at'>,
  drill: Checks['drill'] | undefined,
  { keysetDigest, storedAt }: Pick<Backup, 'keysetDigest' | 'storedAt'>,
): boolean {
  const later = (time: string): boolean => Date.parse(time) > Date.parse(at)
  if (storedAt !== null && later(storedAt)) return true
  return drill?.keyset_digest === keysetDigest && drill.failure === null && later(drill.at)
}
