import { refuse } from '../refusal.ts'

/** Governance threshold: at least 2, at least 60 % of n rounded up, at most n. @throws Refusal INVALID_THRESHOLD */
export function checkGovernanceThreshold(threshold: number, members: number): void {
  const least = Math.max(2, Math.ceil((3 * members) / 5))
  if (threshold < least || threshold > members) {
    refuse(
      'INVALID_THRESHOLD',
      `the governance threshold of ${members} participants must be from ${least} to ${members}, found ${threshold}`,
    )
  }
}
