import type { Phase } from '../phases/phase.ts'

export const MOVE_SIDES = ['from', 'to'] as const
export type MoveSide = (typeof MOVE_SIDES)[number]

/** Which side of its account's planned move this node is on; undefined where none is pending, or to another node. Pure. */
export function sideOfMove(phase: Phase): MoveSide | undefined {
  if (phase.kind === 'participating') return phase.successor === undefined ? undefined : 'from'
  const isDestination = phase.kind === 'awaitingShares' || phase.kind === 'waitingForRunning'
  return isDestination && phase.claim === 'migration' ? 'to' : undefined
}
