/** A promise's function call that wants a share of the gas left over. */
export type WeightedCall = { readonly action: { gas: bigint }; readonly weight: bigint }

/**
 * Shares the gas left over among the calls that asked for it by weight; the last gets the rest.
 * @returns how much was given: all or nothing
 */
export function shareUnusedGas(calls: readonly WeightedCall[], unused: bigint): bigint {
  const total = calls.reduce((sum, { weight }) => sum + weight, 0n)
  if (total === 0n) return 0n
  let given = 0n
  for (const [index, { action, weight }] of calls.entries()) {
    const share = index === calls.length - 1 ? unused - given : (unused * weight) / total
    action.gas += share
    given += share
  }
  return given
}
