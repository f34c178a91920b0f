import type { Facts } from '../../src/status/status.ts'
import { NO_CHECKS } from '../../src/upkeep/checks.ts'
import { key } from './views.ts'

/** What a service knows whose operator has nothing to do. */
export const goodFacts: Facts = {
  home: '/var/lib/holdfast/backup',
  account_id: 'alice.near',
  contract_id: 'mpc.near',
  tls_public_key: key(9),
  doing: { kind: 'idle', reason: 'covered', code: null },
  network: 'holdfast',
  view: null,
  freshness: { grade: 'normal', since: '2026-11-21T00:00:00.000Z' },
  live_keyset: { epoch_id: 5n, keyset_digest: '', domains: [0n] },
  generating: false,
  covered: true,
  registered: true,
  how_to_register: null,
  takes_receipts: true,
  last_served: { keyset_digest: '', at: '2026-11-21T00:00:00.000Z' },
  last_backup: { epoch_id: 5n, keyset_digest: '', file: '', places: ['a'], verified_at: '', proved_genuine: true },
  last_restore: null,
  overdue: null,
  last_error: null,
  endpoints: [],
  recoverability: null,
  notifications: [],
  notices: [],
  snapshots: 1,
  checks: NO_CHECKS,
  damaged: [],
  places: [],
  incidents: [],
}
