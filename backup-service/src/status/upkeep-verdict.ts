import type { Checks } from '../upkeep/checks.ts'

/** What verifications, drills and receipts say about the live keyset that the backup itself does not. */
export type UpkeepVerdict =
  /** The backup that is there could not be used: it counts for nothing until the opposite was shown. */
  | { kind: 'unusable'; summary: string; toDo: string }
  | { kind: 'concern'; toDo: string }
  | { kind: 'sound'; drilled: boolean }

/**
 * A drill that failed says more than a file that looks good, and so does a verification. Only those of the keyset with this
 * digest count. Pure.
 */
export function upkeepVerdict({ verification, drill, receipts }: Checks, keysetDigest: string): UpkeepVerdict {
  const drilled = drill?.keyset_digest === keysetDigest ? drill : undefined
  if (drilled !== undefined && drilled.failure !== null) {
    return {
      kind: 'unusable',
      summary: `the drill of ${drilled.at} could not restore them`,
      toDo: `${drilled.failure.message} (${drilled.failure.code}); mend that, then try: holdfast backup drill`,
    }
  }
  if (
    verification?.keyset_digest === keysetDigest &&
    (verification.live === 'failed' || verification.live === 'missing')
  ) {
    const [failure] = verification.failures
    return {
      kind: 'unusable',
      summary: `the verification of ${verification.at} found no snapshot of them that can be used`,
      toDo: `${failure?.message ?? 'look into the repository'}; then try: holdfast backup verify`,
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
