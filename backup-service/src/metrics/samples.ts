import { oneOf, sample, type Sample as AnySample } from '@holdfast/protocol/monitoring/metric.ts'
import { processSamples, type ProcessFacts as OwnProcess } from '@holdfast/protocol/monitoring/process-metrics.ts'
import { ENDPOINT_STATES, ENDPOINT_TROUBLES } from '../freshness/endpoint-book.ts'
import { GRADES } from '../freshness/grade.ts'
import { NETWORK_LEVELS } from '../notify/severity.ts'
import { PLACE_STATES } from '../repository/places-memory.ts'
import { LEVELS, type Facts, type Level } from '../status/status.ts'
import type { MetricName } from './metric-table.ts'
import { STAGES, stagesOf } from './stages.ts'

type Sample = AnySample<MetricName>

/** What the process knows about itself. */
export type ProcessFacts = OwnProcess & { ticking: boolean; placesWritable: boolean }

const DECISIONS = ['backup', 'restore', 'hold', 'idle', 'refuse'] as const
const RECEIPTS = ['stored', 'drilled'] as const

/** All values at a time. Labels hold account ids, hosts and names of targets only. */
export function samplesOf(facts: Facts, level: Level, process: ProcessFacts, nowMs: number): Sample[] {
  const { view, freshness, doing, live_keyset, recoverability, last_error } = facts
  return [
    sample('holdfast_backup_info', 1, {
      account_id: facts.account_id,
      contract_id: facts.contract_id,
      network: facts.network ?? '',
    }),
    ...oneOf('holdfast_backup_level', 'level', LEVELS, level),
    sample('holdfast_backup_loop_ticking', process.ticking),
    ...(view === null
      ? []
      : [
          sample('holdfast_backup_view_age_seconds', (nowMs - Date.parse(view.block_time)) / 1_000),
          sample('holdfast_backup_view_block_height', Number(view.block_height)),
        ]),
    ...oneOf('holdfast_backup_view_grade', 'grade', GRADES, freshness.grade),
    ...oneOf('holdfast_backup_decision', 'kind', DECISIONS, doing?.kind),
    sample('holdfast_backup_registered', facts.registered),
    ...(live_keyset === null ? [] : [sample('holdfast_backup_live_epoch', Number(live_keyset.epoch_id))]),
    sample('holdfast_backup_live_domains', live_keyset?.domains.length ?? 0),
    ...stages(facts),
    ...(facts.last_backup === null ? [] : [sample('holdfast_backup_proved_genuine', facts.last_backup.proved_genuine)]),
    ...checks(facts),
    ...(facts.last_restore === null
      ? []
      : [sample('holdfast_backup_restore_timestamp_seconds', Date.parse(facts.last_restore.delivered_at) / 1_000)]),
    sample('holdfast_backup_failing', last_error !== null && !last_error.resolved),
    sample('holdfast_backup_snapshots', facts.snapshots),
    sample('holdfast_backup_damaged_files', facts.damaged.length),
    sample('holdfast_backup_places_writable', process.placesWritable),
    ...facts.places.flatMap(({ place, state }) =>
      oneOf('holdfast_backup_place_state', 'state', PLACE_STATES, state, { place }),
    ),
    sample('holdfast_backup_copies', facts.last_backup?.places.length ?? 0),
    ...facts.endpoints.flatMap(endpoint),
    ...(recoverability === null
      ? []
      : oneOf('holdfast_backup_network_level', 'level', NETWORK_LEVELS, recoverability.level)),
    ...facts.notifications.flatMap(target),
    ...processSamples(process),
  ]
}

function stages(facts: Facts): Sample[] {
  const found = stagesOf(facts)
  return STAGES.flatMap((stage) => {
    const { reached, lastMs } = found[stage]
    const state = sample('holdfast_backup_stage', reached, { stage })
    if (lastMs === undefined) return [state]
    return [state, sample('holdfast_backup_stage_success_timestamp_seconds', lastMs / 1_000, { stage })]
  })
}

function checks({ checks: { drill, verification, receipts }, live_keyset }: Facts): Sample[] {
  return [
    sample('holdfast_backup_drill_failed', drill !== null && drill.failure !== null),
    ...(drill === null ? [] : [sample('holdfast_backup_drill_duration_seconds', drill.seconds)]),
    sample('holdfast_backup_verification_failures', verification?.failures.length ?? 0),
    ...RECEIPTS.map((kind) => {
      const receipt = receipts[kind]
      const isLive = live_keyset !== null && receipt?.keyset_digest === live_keyset.keyset_digest
      return sample('holdfast_backup_receipt_recorded', isLive && receipt.outcome === 'recorded', { kind })
    }),
  ]
}

function endpoint({ endpoint: name, state, times }: Facts['endpoints'][number]): Sample[] {
  return [
    ...oneOf('holdfast_backup_endpoint_state', 'state', ENDPOINT_STATES, state, { endpoint: name }),
    ...ENDPOINT_TROUBLES.map((trouble) =>
      sample('holdfast_backup_endpoint_troubles_total', times[trouble] ?? 0, { endpoint: name, trouble }),
    ),
  ]
}

function target({ name, sent, failed, waiting, failing }: Facts['notifications'][number]): Sample[] {
  return [
    sample('holdfast_backup_notifications_total', sent, { target: name, result: 'sent' }),
    sample('holdfast_backup_notifications_total', failed, { target: name, result: 'failed' }),
    sample('holdfast_backup_notifications_waiting', waiting, { target: name }),
    sample('holdfast_backup_notification_target_failing', failing !== null, { target: name }),
  ]
}
