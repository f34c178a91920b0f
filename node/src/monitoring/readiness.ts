import type { Participation } from '../phases/phase.ts'

/** What must hold for the node to be of use now: `/readyz`, condition by condition. */
export const CONDITIONS = ['view_fresh', 'participates', 'shares_held', 'enough_peers'] as const
export type Readiness = Record<(typeof CONDITIONS)[number], boolean>

/**
 * @param participation undefined while the node takes no part
 * @param heldKeys of how many live keys this node holds a share
 * @param signers how many others are there to sign with it: connected, and not recovering
 */
export function readiness(
  isFresh: boolean,
  participation: Participation | undefined,
  heldKeys: number,
  signers: number,
): Readiness {
  if (participation === undefined)
    return { view_fresh: isFresh, participates: false, shares_held: false, enough_peers: false }
  const live = new Set(participation.keyset.domains.map(({ domain_id }) => domain_id))
  const thresholds = participation.domains
    .filter(({ id }) => live.has(id))
    .map(({ reconstruction_threshold }) => reconstruction_threshold)
  const holdsAll = heldKeys === live.size
  return {
    view_fresh: isFresh,
    participates: true,
    shares_held: holdsAll,
    enough_peers: thresholds.every((threshold) => signers + (holdsAll ? 1 : 0) >= threshold),
  }
}
