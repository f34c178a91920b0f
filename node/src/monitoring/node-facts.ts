import type { Mesh } from '../mesh/mesh.ts'
import type { KeepShares } from '../ports.ts'
import type { Situation } from '../wiring/situation.ts'
import type { Counts } from './counts.ts'
import { peerStates } from './peer-states.ts'
import { readiness } from './readiness.ts'
import { sideOfMove } from './move-side.ts'
import type { NodeFacts } from './samples.ts'

export type FactParts = {
  accountId: string
  contractId: string
  situation: Situation
  mesh: Pick<Mesh, 'connected' | 'leftOut' | 'traffic'>
  shares: KeepShares
  counts: () => Counts
}

/** Looks at the running node, changes nothing. */
export function nodeFacts(
  { accountId, contractId, situation, mesh, shares, counts }: FactParts,
  ticking: boolean,
): NodeFacts {
  const newest = situation.newest()
  const participation = newest?.phase.kind === 'participating' ? newest.phase : undefined
  const connected = new Set(mesh.connected().map((peer) => peer.accountId))
  const peers = participation === undefined ? [] : peerStates(participation, connected, new Set(mesh.leftOut().keys()))
  const keys = participation?.keyset
  const heldKeys = keys?.domains.filter((key) => shares.held(keys.epoch_id, key) !== undefined).length ?? 0
  const signers = peers.filter(([, state]) => state === 'connected').length
  return {
    accountId,
    contractId,
    ticking,
    phase: newest?.phase.kind ?? 'starting',
    plannedMove: newest === undefined ? undefined : sideOfMove(newest.phase),
    view: newest?.view.block,
    readiness: readiness(situation.isFresh(), participation, heldKeys, signers),
    part: participation && {
      epochId: participation.keyset.epoch_id,
      liveKeys: participation.keyset.domains.length,
      heldKeys,
      participantsRevision: participation.participantsRevision,
      peers,
    },
    traffic: mesh.traffic(),
    counts: counts(),
  }
}
