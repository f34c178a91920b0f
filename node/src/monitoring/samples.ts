import { oneOf, sample, type Sample as AnySample } from '@holdfast/protocol/monitoring/metric.ts'
import { processSamples, type ProcessFacts } from '@holdfast/protocol/monitoring/process-metrics.ts'
import type { Traffic } from '../mesh/traffic.ts'
import type { Phase } from '../phases/phase.ts'
import {
  ATTEMPT_RESULTS,
  KEY_EVENT_KINDS,
  KEYSHARE_REQUESTS,
  KEYSHARE_RESULTS,
  SHARE_RESULTS,
  SIGNATURE_RESULTS,
  type Counts,
} from './counts.ts'
import { MOVE_SIDES, type MoveSide } from './move-side.ts'
import type { MetricName } from './metric-table.ts'
import { PEER_STATES, type PeerState } from './peer-states.ts'
import { CONDITIONS, type Readiness } from './readiness.ts'

type Sample = AnySample<MetricName>

/** Everything that a scrape is made from. Neither shares nor messages get here. */
export type NodeFacts = {
  accountId: string
  contractId: string
  ticking: boolean
  /** `starting` before the first view. */
  phase: Phase['kind'] | 'starting'
  /** Whether a planned move of the account is pending, and which side of it this node is. */
  plannedMove: MoveSide | undefined
  view: { height: bigint; timestampMs: number } | undefined
  readiness: Readiness
  /** Undefined while the node takes no part. */
  part: PartFacts | undefined
  traffic: Readonly<Traffic>
  counts: Counts
}

type PartFacts = {
  epochId: bigint
  liveKeys: number
  heldKeys: number
  participantsRevision: bigint
  peers: [accountId: string, state: PeerState][]
}

/** As a record, so that a phase that is left out does not compile. */
const ALL_PHASES: Record<NodeFacts['phase'], true> = {
  starting: true,
  waitingForContract: true,
  submitCandidate: true,
  awaitingResharing: true,
  joining: true,
  waitingForAuthorization: true,
  authorizedKeysDiffer: true,
  waitingForRunning: true,
  waitingForOtherRecovery: true,
  requestRecovery: true,
  awaitingShares: true,
  participating: true,
  superseded: true,
}
export const PHASES = Object.keys(ALL_PHASES)

/** All values at a time, milliseconds since the epoch. Labels hold account ids and fixed words only. */
export function samplesOf(facts: NodeFacts, process: ProcessFacts, nowMs: number): Sample[] {
  const { view, readiness, part, traffic, counts } = facts
  return [
    sample('holdfast_node_info', 1, { account_id: facts.accountId, contract_id: facts.contractId }),
    sample('holdfast_node_loop_ticking', facts.ticking),
    ...CONDITIONS.map((condition) => sample('holdfast_node_readiness', readiness[condition], { condition })),
    ...oneOf('holdfast_node_phase', 'phase', PHASES, facts.phase),
    ...MOVE_SIDES.map((side) => sample('holdfast_node_planned_move', facts.plannedMove === side, { side })),
    ...(view === undefined
      ? []
      : [
          sample('holdfast_node_view_age_seconds', (nowMs - view.timestampMs) / 1_000),
          sample('holdfast_node_view_block_height', Number(view.height)),
        ]),
    ...(part === undefined ? [] : partSamples(part)),
    sample('holdfast_node_mesh_bytes_total', traffic.received, { direction: 'received' }),
    sample('holdfast_node_mesh_bytes_total', traffic.sent, { direction: 'sent' }),
    ...countSamples(counts),
    ...processSamples(process),
  ]
}

function partSamples({ epochId, liveKeys, heldKeys, participantsRevision, peers }: PartFacts): Sample[] {
  return [
    sample('holdfast_node_live_epoch', Number(epochId)),
    sample('holdfast_node_live_keys', liveKeys),
    sample('holdfast_node_held_keys', heldKeys),
    sample('holdfast_node_participants_revision', Number(participantsRevision)),
    ...peers.flatMap(([peer, state]) => oneOf('holdfast_node_peer_state', 'state', PEER_STATES, state, { peer })),
  ]
}

function countSamples({
  signatures,
  signingMs,
  signatureShares,
  keyEventAttempts,
  keyshareRequests,
}: Counts): Sample[] {
  return [
    ...SIGNATURE_RESULTS.map((result) => sample('holdfast_node_signatures_total', signatures[result], { result })),
    sample('holdfast_node_signing_seconds_total', signingMs / 1_000),
    ...SHARE_RESULTS.map((result) =>
      sample('holdfast_node_signature_shares_total', signatureShares[result], { result }),
    ),
    ...KEY_EVENT_KINDS.flatMap((kind) =>
      ATTEMPT_RESULTS.map((result) =>
        sample('holdfast_node_key_event_attempts_total', keyEventAttempts[kind][result], { kind, result }),
      ),
    ),
    ...KEYSHARE_REQUESTS.flatMap((request) =>
      KEYSHARE_RESULTS.map((result) =>
        sample('holdfast_node_keyshare_requests_total', keyshareRequests[request][result], { request, result }),
      ),
    ),
  ]
}
