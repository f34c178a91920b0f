/** What may be said of shares that only their group keys could be compared with: everywhere the same words. */
export const NOT_PROVABLE = 'matches the group key; not provable on this network'

/** How far shares were proved, for people. `provedGenuine` is false where some domain has no commitments. */
export function proofWords(provedGenuine: boolean): string {
  return provedGenuine ? 'proved genuine' : NOT_PROVABLE
}
