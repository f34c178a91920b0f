import { sample, type MetricTable, type Sample } from './metric.ts'

/** What every program says of its own process, under Prometheus' usual names. */
export const PROCESS_METRICS = {
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of the process', labels: [] },
  process_cpu_seconds_total: { type: 'counter', help: 'User and system time that the process used', labels: [] },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started, since the epoch', labels: [] },
} as const satisfies MetricTable

/** Memory in bytes, CPU time in seconds, the start in milliseconds since the epoch. */
export type ProcessFacts = { startedMs: number; residentBytes: number; cpuSeconds: number }

export function processFacts(): ProcessFacts {
  const { user, system } = process.cpuUsage()
  return {
    startedMs: Date.now() - process.uptime() * 1_000,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  }
}

export function processSamples({
  startedMs,
  residentBytes,
  cpuSeconds,
}: ProcessFacts): Sample<keyof typeof PROCESS_METRICS>[] {
  return [
    sample('process_resident_memory_bytes', residentBytes),
    sample('process_cpu_seconds_total', cpuSeconds),
    sample('process_start_time_seconds', startedMs / 1_000),
  ]
}
