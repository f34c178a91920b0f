import test from 'ava'
import { exposition } from '@holdfast/protocol/monitoring/exposition.ts'
import { readiness } from '../src/metrics/health.ts'
import { METRICS } from '../src/metrics/metric-table.ts'
import { samplesOf, type ProcessFacts } from '../src/metrics/samples.ts'
import { STAGES, stagesOf } from '../src/metrics/stages.ts'
import type { Facts } from '../src/status/status.ts'
import { goodFacts } from './support/good-facts.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')
const alive: ProcessFacts = {
  startedMs: NOW - 60_000,
  residentBytes: 8e7,
  cpuSeconds: 1.5,
  ticking: true,
  placesWritable: true,
}
const drill = {
  at: '2026-11-20T10:00:00.000Z',
  seconds: 1.25,
  epoch_id: 5n,
  keyset_digest: 'd',
  file: 'f.age',
  ciphertext_sha256: 'c',
  shares: 2,
  proved_genuine: true,
  failure: null,
}
const verification = {
  at: '2026-11-21T09:00:00.000Z',
  seconds: 1,
  scope: 'all' as const,
  keyset_digest: 'd',
  epoch_id: 5n,
  live: 'genuine' as const,
  snapshots: 3,
  shares: 6,
  failures: [],
}
const receipt = {
  at: drill.at,
  keyset_digest: 'd',
  ciphertext_sha256: 'c',
  outcome: 'recorded' as const,
  failure: null,
}
const full: Facts = {
  ...goodFacts,
  view: { block_height: 123n, block_hash: 'h', block_time: '2026-11-21T09:59:58.000Z' },
  live_keyset: { epoch_id: 5n, keyset_digest: 'd', domains: [0n, 1n] },
  last_served: { keyset_digest: 'd', at: '2026-11-20T09:00:00.000Z' },
  last_backup: {
    places: ['a'],
    epoch_id: 5n,
    keyset_digest: 'd',
    file: 'f',
    verified_at: '2026-11-20T09:00:01.000Z',
    proved_genuine: true,
  },
  last_restore: {
    epoch_id: 4n,
    keyset_digest: 'old',
    destination_tls_public_key: 'k',
    claim: 'recovery',
    delivered_at: '2026-11-01T00:00:00.000Z',
    delivery: 'confirmed',
    waiting_since: null,
    concluded: true,
  },
  endpoints: [
    {
      endpoint: 'rpc.example',
      state: 'lied',
      since: drill.at,
      detail: 'x',
      times: { lied: 2, lagging: 0, unreachable: 0, wrong: 0 },
    },
  ],
  recoverability: { level: 'degraded', detail: '' },
  places: [{ place: 's3://b/', state: 'behind', since: drill.at, reason: null }],
  notifications: [{ name: 'slack', kind: 'slack', waiting: 1, sent: 2, failed: 3, last_sent: null, failing: null }],
  checks: { ...goodFacts.checks, drill, verification, receipts: { stored: receipt, drilled: receipt } },
}

async function lines(facts: Facts, process = alive): Promise<string[]> {
  const { text } = await exposition(METRICS, samplesOf(facts, 'healthy', process, NOW))
  return text.split('\n')
}

test('metrics - should say each thing under its name, in Prometheus’ units', async (t) => {
  const found = await lines(full)
  for (const line of [
    'holdfast_backup_info{account_id="alice.near",contract_id="mpc.near",network="holdfast"} 1',
    'holdfast_backup_level{level="healthy"} 1',
    'holdfast_backup_level{level="critical"} 0',
    'holdfast_backup_loop_ticking 1',
    'holdfast_backup_view_age_seconds 2',
    'holdfast_backup_view_block_height 123',
    'holdfast_backup_view_grade{grade="normal"} 1',
    'holdfast_backup_view_grade{grade="closed"} 0',
    'holdfast_backup_decision{kind="idle"} 1',
    'holdfast_backup_registered 1',
    'holdfast_backup_live_epoch 5',
    'holdfast_backup_live_domains 2',
    ...STAGES.map((stage) => `holdfast_backup_stage{stage="${stage}"} 1`),
    `holdfast_backup_stage_success_timestamp_seconds{stage="restorable"} ${Date.parse(drill.at) / 1_000}`,
    'holdfast_backup_drill_failed 0',
    'holdfast_backup_drill_duration_seconds 1.25',
    'holdfast_backup_receipt_recorded{kind="drilled"} 1',
    `holdfast_backup_restore_timestamp_seconds ${Date.parse('2026-11-01') / 1_000}`,
    'holdfast_backup_place_state{place="s3://b/",state="behind"} 1',
    'holdfast_backup_copies 1',
    'holdfast_backup_endpoint_state{endpoint="rpc.example",state="lied"} 1',
    'holdfast_backup_endpoint_state{endpoint="rpc.example",state="well"} 0',
    'holdfast_backup_endpoint_troubles_total{endpoint="rpc.example",trouble="lied"} 2',
    'holdfast_backup_network_level{level="degraded"} 1',
    'holdfast_backup_notifications_total{target="slack",result="failed"} 3',
    'holdfast_backup_notifications_waiting{target="slack"} 1',
    'process_resident_memory_bytes 80000000',
    'process_cpu_seconds_total 1.5',
  ])
    t.true(found.includes(line), line)
})

test('metrics - should leave out what is not known, and never say it is 0', async (t) => {
  const bare: Facts = {
    ...full,
    view: null,
    live_keyset: null,
    last_served: null,
    last_backup: null,
    last_restore: null,
    recoverability: null,
    checks: goodFacts.checks,
  }
  const found = await lines(bare)
  for (const name of [
    'view_age_seconds',
    'live_epoch',
    'stage_success_timestamp_seconds',
    'restore_timestamp_seconds',
    'network_level',
    'drill_duration_seconds',
  ])
    t.false(
      found.some((line) => line.startsWith(`holdfast_backup_${name}`)),
      name,
    )
  t.true(found.includes('holdfast_backup_live_domains 0'))
})

test('metrics - should use every name of the table, and each with its labels', async (t) => {
  const samples = samplesOf(full, 'healthy', alive, NOW)
  for (const [name, { labels }] of Object.entries(METRICS)) {
    const own = samples.filter((sample) => sample.name === name)
    t.true(own.length > 0, name)
    for (const sample of own) t.deepEqual(Object.keys(sample.labels).toSorted(), [...labels].toSorted(), name)
  }
})

test('metrics - should call nothing verified, for shares of near/mpc only match their group key', (t) => {
  const checks = { ...full.checks, verification: { ...verification, live: 'matches-group-key' as const } }
  const last_backup = full.last_backup && { ...full.last_backup, proved_genuine: false }
  const samples = samplesOf({ ...full, checks, last_backup }, 'healthy', alive, NOW)
  t.notRegex(JSON.stringify(samples), /verified/)
  t.is(samples.find(({ name, labels }) => name === 'holdfast_backup_stage' && labels['stage'] === 'checked')?.value, 1)
})

const stages: [title: string, changes: Partial<Facts>, reached: string][] = [
  ['all four', {}, 'served stored checked restorable'],
  ['only served, while the disk is full', { covered: false, checks: goodFacts.checks }, 'served'],
  ['served and stored before the first check', { checks: goodFacts.checks }, 'served stored'],
  [
    'not restorable once a drill failed',
    { checks: { ...full.checks, drill: { ...drill, failure: { code: 'X', message: 'x' } } } },
    'served stored checked',
  ],
  [
    'not checked once a verification failed',
    { checks: { ...full.checks, verification: { ...verification, live: 'failed' } } },
    'served stored restorable',
  ],
  ['nothing of a new keyset', { covered: false, live_keyset: { epoch_id: 6n, keyset_digest: 'e', domains: [0n] } }, ''],
  [
    'stored alone for a new keyset that is not checked yet',
    { live_keyset: { epoch_id: 6n, keyset_digest: 'e', domains: [0n] } },
    'stored',
  ],
  ['nothing without a keyset', { live_keyset: null }, ''],
]
for (const [title, changes, reached] of stages) {
  test(`stages - should be ${title}`, (t) => {
    const found = stagesOf({ ...full, ...changes })
    t.is(STAGES.filter((stage) => found[stage].reached).join(' '), reached)
  })
}

test('readiness - should need a fresh view, a place that can be written, and the registration', (t) => {
  const well = { view_fresh: true, places_writable: true, registered: true }
  t.deepEqual(readiness(full, true), well)
  t.deepEqual(readiness(full, false), { ...well, places_writable: false })
  t.deepEqual(readiness({ ...full, registered: false }, true), { ...well, registered: false })
  for (const grade of ['unseen', 'conservative', 'closed'] as const)
    t.false(readiness({ ...full, freshness: { grade, since: '' } }, true).view_fresh, grade)
})
