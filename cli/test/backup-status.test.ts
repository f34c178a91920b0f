import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import type { BackupStatus } from '@holdfast/backup-service/backup-status.ts'
import { NO_CHECKS } from '@holdfast/backup-service/upkeep/checks.ts'
import { renderBackupStatus } from '../src/backup/render-status.ts'

const NOW = Date.parse('2026-11-21T12:00:00.000Z')
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString()
const KEY = `ed25519:${'1'.repeat(32)}`
const drill = {
  at: at(3 * 86_400),
  seconds: 1.24,
  epoch_id: 5n,
  keyset_digest: 'd',
  file: 'f.age',
  ciphertext_sha256: 'c',
  shares: 2,
  proved_genuine: true,
  failure: null,
}
const verification = {
  at: at(7_300),
  seconds: 1,
  scope: 'all' as const,
  keyset_digest: 'd',
  epoch_id: 5n,
  live: 'genuine' as const,
  snapshots: 3,
  shares: 6,
  failures: [],
}
const receipt = { at: at(60), keyset_digest: 'd', ciphertext_sha256: 'c', outcome: 'recorded' as const, failure: null }

const well: BackupStatus = {
  format: 'holdfast/backup-status/1',
  home: '/var/lib/holdfast/backup',
  account_id: 'alice.near',
  contract_id: 'mpc.near',
  tls_public_key: KEY,
  updated_at: at(3),
  level: 'healthy',
  summary: 'the shares of epoch 5 are backed up and verified, and were restored in a drill',
  to_do: null,
  doing: { kind: 'idle', reason: 'covered', code: null },
  network: 'holdfast',
  view: { block_height: 123n, block_hash: 'h', block_time: at(1) },
  freshness: { grade: 'normal', since: at(100) },
  live_keyset: { epoch_id: 5n, keyset_digest: 'd', domains: [0n, 1n] },
  generating: false,
  covered: true,
  registered: true,
  how_to_register: null,
  takes_receipts: true,
  last_served: { keyset_digest: 'd', at: at(90_000) },
  last_backup: {
    epoch_id: 5n,
    keyset_digest: 'd',
    file: 'f.age',
    places: ['a'],
    verified_at: at(90_000),
    proved_genuine: true,
  },
  last_restore: null,
  overdue: null,
  last_error: null,
  endpoints: [
    {
      endpoint: 'rpc.example',
      state: 'well',
      since: at(9),
      detail: '',
      times: { lied: 0, lagging: 0, unreachable: 0, wrong: 0 },
    },
  ],
  recoverability: { level: 'healthy', detail: '5 of 5 operators can restore' },
  notifications: [
    { name: 'slack', kind: 'slack', waiting: 0, sent: 1, failed: 0, last_sent: at(86_400), failing: null },
    { name: 'pager', kind: 'pagerduty', waiting: 0, sent: 0, failed: 0, last_sent: null, failing: null },
  ],
  notices: [],
  snapshots: 3,
  checks: { ...NO_CHECKS, drill, verification, receipts: { stored: receipt, drilled: receipt } },
  damaged: [],
  places: [{ place: 'a', state: 'ok', since: at(9), reason: null }],
  incidents: [],
  running: true,
}
const shown = (status: BackupStatus, columns = 80): string =>
  stripVTControlCharacters(renderBackupStatus(status, columns, NOW))

test('backup status - should say in its first lines what is safe, and below it on what that rests', (t) => {
  t.is(
    shown(well),
    `HEALTHY  alice.near at mpc.near
The shares of epoch 5 are backed up and verified, and were restored in a drill.

  service       runs, last word 3 s ago
  backup        2 keys of epoch 5, proved genuine, stored 1 d ago
  drill         restored in 1.2 s, 3 d ago
  verification  3 snapshots opened, 6 shares proved, 2 h ago
  on chain      governance sees: stored, drilled
  network       holdfast
  operators     healthy: 5 of 5 operators can restore
  chain         block 123, 1 s ago; 1 of 1 endpoint well
  alerts        slack told 1 d ago; pager not needed yet
  repository    3 snapshots in 1 place`,
  )
})

test('backup status - should say how many places hold the newest backup where one lacks it', (t) => {
  const lacking = { place: 'b', state: 'failed' as const, since: at(9), reason: 'its disk is full' }
  const lines = shown({ ...well, places: [...well.places, lacking] }).split('\n')
  t.true(lines.includes('  repository    3 snapshots; the newest is whole in 1 of 2 places'))
  t.true(lines.includes('  place         b is in trouble: its disk is full'))
})

test('backup status - should name damage of the last day that was put right', (t) => {
  const incident = { place: 'disk', kind: 'file-damaged', file: 'epoch-7.age', reason: 'found less', mended: true }
  const text = (secondsAgo: number): string => shown({ ...well, incidents: [{ ...incident, at: at(secondsAgo) }] }, 100)
  t.regex(text(7_300), /damage +2 h ago: file-damaged: epoch-7\.age in disk, put right/)
  t.notRegex(text(90_000), /damage/)
})

test('backup status - should put a failed drill above everything that is well', (t) => {
  const failure = { code: 'DRILL_NOT_PROVED', message: 'the node could not prove that it holds domain 0' }
  const status: BackupStatus = {
    ...well,
    level: 'critical',
    summary: 'the shares of epoch 5 are backed up, but the drill could not restore them',
    to_do: 'look at the disk',
    checks: { ...well.checks, drill: { ...drill, failure } },
  }
  const lines = shown(status).split('\n')
  t.regex(lines[0] ?? '', /^CRITICAL/)
  t.is(lines[2], 'To do: look at the disk')
  t.regex(lines[4] ?? '', /^ {2}drill +FAILED 3 d ago: the node could not prove/)
})

test('backup status - should put a service that does not run first, and keep within the columns', (t) => {
  const long =
    'the node at 10.0.0.7:8079 answered with something that nobody expected, over and over again, until it gave up for good'
  const status: BackupStatus = {
    ...well,
    running: false,
    level: 'degraded',
    summary: long,
    to_do: long,
    last_error: { code: 'NODE_REFUSED', message: long, at: at(10), times: 7, resolved: false },
    damaged: [{ place: 'disk', kind: 'file-damaged', file: 'x.age', reason: long }],
  }
  for (const columns of [60, 80, 120]) {
    const lines = shown(status, columns).split('\n')
    for (const line of lines) t.true(line.length <= columns, line)
    t.regex(lines.find((line) => line.startsWith('  ')) ?? '', /service|^ {7}/)
  }
  t.true(shown(status, 120).split('\n').length < shown(status, 80).split('\n').length)
})

test('backup status - should say who is not told, and what the network is worth', (t) => {
  const failing = { since: at(600), reason: 'hooks.example answered with HTTP status 404' }
  const [slack] = well.notifications
  const status: BackupStatus = {
    ...well,
    recoverability: { level: 'critical', detail: '3 of 5 are live.' },
    notifications: slack === undefined ? [] : [{ ...slack, waiting: 2, failing }],
  }
  t.regex(shown(status, 120), /operators +critical: 3 of 5 are live/)
  t.regex(shown(status, 120), /alerts +slack not reached since 10 min ago, 2 messages waiting: hooks\.example/)
  t.regex(shown({ ...well, notifications: [], recoverability: null }), /alerts +nobody is told/)
})

test('backup status - should show colours on a terminal only', (t) => {
  t.is(renderBackupStatus(well, 80, NOW), shown(well))
})
