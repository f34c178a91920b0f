/**
 * Who deals in an attempt at resharing a key: as many of those that hold a share and stay as the key's old threshold,
 * chosen by the attempt alone, so that everyone chooses the same. Each attempt begins with the next of them: one that
 * cheats or has lost its share is left out sooner or later, if there are more than needed. Ids, ascending.
 * @returns undefined where fewer stay than are needed
 */
export function dealersOf(attemptId: bigint, stayers: readonly number[], threshold: number): number[] | undefined {
  if (stayers.length < threshold) return undefined
  const ascending = stayers.toSorted((a, b) => a - b)
  const first = Number(attemptId % BigInt(ascending.length))
  const chosen = [...ascending.slice(first), ...ascending.slice(0, first)].slice(0, threshold)
  return chosen.sort((a, b) => a - b)
}
