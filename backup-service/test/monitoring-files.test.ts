import { join } from 'node:path'
import { testMonitoringFiles } from '../../tests/support/monitoring-files.ts'
import { METRICS } from '../src/metrics/metric-table.ts'
import { ENDPOINT_STATES, ENDPOINT_TROUBLES } from '../src/freshness/endpoint-book.ts'
import { GRADES } from '../src/freshness/grade.ts'
import { STAGES } from '../src/metrics/stages.ts'
import { NETWORK_LEVELS, SEVERITIES } from '../src/notify/severity.ts'
import { PLACE_STATES } from '../src/repository/places-memory.ts'
import { LEVELS } from '../src/status/status.ts'

testMonitoringFiles({
  folder: join(import.meta.dirname, '..'),
  metrics: METRICS,
  prefix: 'holdfast_backup',
  values: {
    stage: STAGES,
    grade: GRADES,
    state: [...ENDPOINT_STATES, ...PLACE_STATES],
    trouble: ENDPOINT_TROUBLES,
    kind: ['backup', 'restore', 'hold', 'idle', 'refuse', 'stored', 'drilled'],
    level: [...NETWORK_LEVELS, ...LEVELS],
    result: ['sent', 'failed'],
  },
  severities: SEVERITIES,
  alertPrefix: 'HoldfastBackup',
  alerts: ['Down', 'NotStored', 'DrillFailed', 'NotRegistered', 'ViewClosed', 'RestoreWaits', 'Restored', 'Deaf'],
})
