import type { Domain } from './model.ts'

/** Governance: at least 2, at least 60 % of n, at most n, and not below what any key needs. */
export function isGovernanceThreshold(threshold: bigint, n: number, domains: readonly Domain[]): boolean {
  const enough = threshold >= 2n && threshold * 5n >= BigInt(n) * 3n && threshold <= BigInt(n)
  return enough && domains.every(({ reconstruction_threshold: t }) => t <= threshold)
}

/** A key: at least 2, and so few that n participants can sign; DamgardEtAl needs 2t - 1 of them. */
export function isReconstructionThreshold({ protocol, reconstruction_threshold: t }: Domain, n: number): boolean {
  const signers = protocol === 'DamgardEtAl' ? 2n * t - 1n : t
  return t >= 2n && signers <= BigInt(n)
}
