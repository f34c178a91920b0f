import { join } from 'node:path'
import { testMonitoringFiles } from '../../tests/support/monitoring-files.ts'
import {
  ATTEMPT_RESULTS,
  KEY_EVENT_KINDS,
  KEYSHARE_REQUESTS,
  KEYSHARE_RESULTS,
  SHARE_RESULTS,
  SIGNATURE_RESULTS,
} from '../src/monitoring/counts.ts'
import { METRICS } from '../src/monitoring/metric-table.ts'
import { MOVE_SIDES } from '../src/monitoring/move-side.ts'
import { PEER_STATES } from '../src/monitoring/peer-states.ts'
import { CONDITIONS } from '../src/monitoring/readiness.ts'
import { PHASES } from '../src/monitoring/samples.ts'

testMonitoringFiles({
  folder: join(import.meta.dirname, '..'),
  metrics: METRICS,
  prefix: 'holdfast_node',
  values: {
    condition: CONDITIONS,
    phase: PHASES,
    side: MOVE_SIDES,
    state: PEER_STATES,
    direction: ['received', 'sent'],
    kind: KEY_EVENT_KINDS,
    request: KEYSHARE_REQUESTS,
    result: [...SIGNATURE_RESULTS, ...SHARE_RESULTS, ...ATTEMPT_RESULTS, ...KEYSHARE_RESULTS],
  },
  severities: ['warning', 'critical', 'emergency'],
  alertPrefix: 'HoldfastNode',
  alerts: ['Down', 'ViewStale', 'TakesNoPart', 'WithoutShares', 'TooFewPeers', 'SignaturesFail', 'KeysharesFail'],
})
