import type { MetricTable } from '@holdfast/protocol/monitoring/metric.ts'
import { NOT_PROVABLE } from '../proof-words.ts'
import { PROCESS_METRICS } from '@holdfast/protocol/monitoring/process-metrics.ts'

/** Every metric there is; MONITORING.md has the same table, and the alert rules and the dashboard name no others. */
export const METRICS = {
  holdfast_backup_info: {
    type: 'gauge',
    help: 'Whose backup service this is, and whose contract it faces (empty before it was read); always 1',
    labels: ['account_id', 'contract_id', 'network'],
  },
  holdfast_backup_level: { type: 'gauge', help: '1 for the level of holdfast backup status', labels: ['level'] },
  holdfast_backup_loop_ticking: {
    type: 'gauge',
    help: '1 while the service loop ticks, as /healthz says',
    labels: [],
  },
  holdfast_backup_view_age_seconds: {
    type: 'gauge',
    help: 'Age of the newest final block that enough endpoints agree on; absent before the first',
    labels: [],
  },
  holdfast_backup_view_block_height: { type: 'gauge', help: 'Height of that block', labels: [] },
  holdfast_backup_view_grade: { type: 'gauge', help: '1 for the grade of trust in that view', labels: ['grade'] },
  holdfast_backup_decision: { type: 'gauge', help: '1 for what the view asks the service to do', labels: ['kind'] },
  holdfast_backup_registered: {
    type: 'gauge',
    help: '1 while the contract names this backup service as its operator’s',
    labels: [],
  },
  holdfast_backup_live_epoch: { type: 'gauge', help: 'Epoch of the live keyset; absent without one', labels: [] },
  holdfast_backup_live_domains: { type: 'gauge', help: 'Domains of the live keyset; 0 without one', labels: [] },
  holdfast_backup_stage: {
    type: 'gauge',
    help: '1 where the live keyset was served by the node, is stored, was opened and checked since, was restored in a drill',
    labels: ['stage'],
  },
  holdfast_backup_proved_genuine: {
    type: 'gauge',
    help: `1 where every share of the newest snapshot was proved genuine; 0: ${NOT_PROVABLE}; absent without a snapshot`,
    labels: [],
  },
  holdfast_backup_stage_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the stage was last reached, for whatever keyset; absent where never',
    labels: ['stage'],
  },
  holdfast_backup_drill_failed: { type: 'gauge', help: '1 while the newest drill is one that failed', labels: [] },
  holdfast_backup_drill_duration_seconds: { type: 'gauge', help: 'How long the newest drill took', labels: [] },
  holdfast_backup_verification_failures: {
    type: 'gauge',
    help: 'Files that the newest verification could not use',
    labels: [],
  },
  holdfast_backup_receipt_recorded: {
    type: 'gauge',
    help: '1 where the contract has this receipt of the live keyset',
    labels: ['kind'],
  },
  holdfast_backup_restore_timestamp_seconds: {
    type: 'gauge',
    help: 'When key shares were last delivered to a node; absent where never',
    labels: [],
  },
  holdfast_backup_failing: { type: 'gauge', help: '1 while the newest failure is not over', labels: [] },
  holdfast_backup_snapshots: { type: 'gauge', help: 'Usable snapshots in the repository', labels: [] },
  holdfast_backup_damaged_files: { type: 'gauge', help: 'Files in the repository that cannot be used', labels: [] },
  holdfast_backup_copies: {
    type: 'gauge',
    help: 'Places that hold the newest snapshot whole',
    labels: [],
  },
  holdfast_backup_place_state: { type: 'gauge', help: '1 for the state of the place', labels: ['place', 'state'] },
  holdfast_backup_places_writable: {
    type: 'gauge',
    help: '1 where as many places as configured can take a new snapshot',
    labels: [],
  },
  holdfast_backup_endpoint_state: {
    type: 'gauge',
    help: '1 for the state of the RPC endpoint',
    labels: ['endpoint', 'state'],
  },
  holdfast_backup_endpoint_troubles_total: {
    type: 'counter',
    help: 'How often the RPC endpoint fell into this trouble since the start',
    labels: ['endpoint', 'trouble'],
  },
  holdfast_backup_network_level: {
    type: 'gauge',
    help: '1 for the level of the whole network; absent where the contract has no such view',
    labels: ['level'],
  },
  holdfast_backup_notifications_total: {
    type: 'counter',
    help: 'Tries to notify this target since the start',
    labels: ['target', 'result'],
  },
  holdfast_backup_notifications_waiting: {
    type: 'gauge',
    help: 'Messages that this target has yet to be told',
    labels: ['target'],
  },
  holdfast_backup_notification_target_failing: {
    type: 'gauge',
    help: '1 while this target cannot be reached',
    labels: ['target'],
  },
  ...PROCESS_METRICS,
} as const satisfies MetricTable

export type MetricName = keyof typeof METRICS
