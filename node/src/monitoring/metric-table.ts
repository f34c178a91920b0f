import type { MetricTable } from '@holdfast/protocol/monitoring/metric.ts'
import { PROCESS_METRICS } from '@holdfast/protocol/monitoring/process-metrics.ts'

/** Every metric there is; MONITORING.md has the same table, and the alert rules and the dashboard name no others. */
export const METRICS = {
  holdfast_node_info: {
    type: 'gauge',
    help: 'Whose node this is; always 1',
    labels: ['account_id', 'contract_id'],
  },
  holdfast_node_loop_ticking: { type: 'gauge', help: '1 while the main loop ticks, as /healthz says', labels: [] },
  holdfast_node_readiness: {
    type: 'gauge',
    help: '1 where this condition of /readyz holds',
    labels: ['condition'],
  },
  holdfast_node_phase: { type: 'gauge', help: '1 for what the node does now', labels: ['phase'] },
  holdfast_node_planned_move: {
    type: 'gauge',
    help: '1 while the contract plans to move the account from this node (side from), or to it (side to)',
    labels: ['side'],
  },
  holdfast_node_view_age_seconds: {
    type: 'gauge',
    help: 'Age of the newest final block that enough endpoints agree on; absent before the first',
    labels: [],
  },
  holdfast_node_view_block_height: { type: 'gauge', help: 'Height of that block', labels: [] },
  holdfast_node_live_epoch: {
    type: 'gauge',
    help: 'Epoch of the live keyset; absent while the node takes no part',
    labels: [],
  },
  holdfast_node_live_keys: {
    type: 'gauge',
    help: 'Keys of the live keyset; absent while the node takes no part',
    labels: [],
  },
  holdfast_node_held_keys: {
    type: 'gauge',
    help: 'Those of which this node holds a share; absent while it takes no part',
    labels: [],
  },
  holdfast_node_participants_revision: {
    type: 'gauge',
    help: 'How often the contract’s participants or their nodes have changed; absent while the node takes no part',
    labels: [],
  },
  holdfast_node_peer_state: {
    type: 'gauge',
    help: '1 for how this participant is seen from here; none while the node takes no part',
    labels: ['peer', 'state'],
  },
  holdfast_node_mesh_bytes_total: {
    type: 'counter',
    help: 'Bytes from and to the other nodes since the start',
    labels: ['direction'],
  },
  holdfast_node_signatures_total: {
    type: 'counter',
    help: 'Signatures that this node was asked for, as their coordinator, since the start',
    labels: ['result'],
  },
  holdfast_node_signing_seconds_total: {
    type: 'counter',
    help: 'Time that those which were made took, from the request on',
    labels: [],
  },
  holdfast_node_signature_shares_total: {
    type: 'counter',
    help: 'Signature shares that other nodes asked this one for since the start',
    labels: ['result'],
  },
  holdfast_node_key_event_attempts_total: {
    type: 'counter',
    help: 'Attempts at generating or resharing a key since the start',
    labels: ['kind', 'result'],
  },
  holdfast_node_keyshare_requests_total: {
    type: 'counter',
    help: 'Requests of the registered backup service since the start',
    labels: ['request', 'result'],
  },
  ...PROCESS_METRICS,
} as const satisfies MetricTable

export type MetricName = keyof typeof METRICS
