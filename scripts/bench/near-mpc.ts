import { nearMpcEnvironment, type NearMpcPrograms } from '../../tests/near-mpc/support/environment.ts'
import { median, samplesText, secondsText, type BenchRun, type Measurement } from './measurement.ts'
import { compareClients, type ClientRow } from './near-mpc/client-backup.ts'
import { measureMigrations } from './near-mpc/migration-time.ts'

const MOST_TIMES_THEIRS = 5
/** One poll of the backup service and one second. */
const MOST_MIGRATION_SECONDS = 2

export type NearMpcComparison =
  | { kind: 'measured'; rows: ClientRow[]; measurements: Measurement[] }
  /** What the environment does not name. */
  | { kind: 'skipped'; missing: string[] }

/** Holdfast beside near/mpc's own programs, where the environment names them. */
export async function compareWithNearMpc(run: Omit<BenchRun, 'wasm'>): Promise<NearMpcComparison> {
  const environment = await nearMpcEnvironment()
  switch (environment.kind) {
    case 'complete':
      return measure(run, environment.programs)
    case 'incomplete':
      return { kind: 'skipped', missing: environment.missing }
    default:
      environment satisfies never
      throw new TypeError('unknown environment')
  }
}

async function measure(run: Omit<BenchRun, 'wasm'>, programs: NearMpcPrograms): Promise<NearMpcComparison> {
  const rows = await compareClients(run.directory, programs, run)
  const moves = await measureMigrations(run.directory, programs, run)
  return { kind: 'measured', rows, measurements: [...backupMeasurement(rows), migrationMeasurement(moves)] }
}

/** What a backup takes at each size, theirs and ours. */
export function clientTable(rows: readonly ClientRow[]): { header: string[]; rows: string[][] } {
  return {
    header: ['keys', 'backup-cli s', 'backup-cli MB', 'Holdfast s', 'of it fetching', 'Holdfast MB', 'times'],
    rows: rows.map(({ keys, theirs, ours }) => [
      String(keys),
      theirs.total.toFixed(2),
      theirs.megabytes.toFixed(0),
      ours.total.toFixed(2),
      ours.fetch.toFixed(2),
      ours.megabytes.toFixed(0),
      (ours.total / theirs.total).toFixed(1),
    ]),
  }
}

function backupMeasurement(rows: readonly ClientRow[]): Measurement[] {
  const largest = rows.at(-1)
  if (largest === undefined) return []
  const { keys, theirs, ours } = largest
  const times = ours.total / theirs.total
  return [
    {
      name: `backup of ${keys} keys from a near/mpc node`,
      measured: `${secondsText(ours.total)}, ${times.toFixed(1)} × near/mpc's client (${secondsText(theirs.total)})`,
      value: times,
      goal: `at most ${MOST_TIMES_THEIRS} × its time`,
      met: times <= MOST_TIMES_THEIRS,
      how:
        "the same node process, medians of five in turn; half Ed25519, half secp256k1. near/mpc's programs want to be built with " +
        'optimisation: without, their curve arithmetic takes seconds. Its client (peer-backup) from ' +
        'its start to its end: it fetches, decrypts and writes one plain JSON file. Holdfast as a running service: it fetches, ' +
        'compares every share with its group key, seals with post-quantum age in a process of its own, writes durably, reads ' +
        'back, opens and signs a manifest',
    },
  ]
}

function migrationMeasurement(moves: readonly number[]): Measurement {
  const worst = Math.max(...moves)
  return {
    name: 'near/mpc: start_node_migration to shares',
    measured: `${secondsText(median(moves))} (${samplesText(moves)})`,
    value: worst,
    goal: `at most ${MOST_MIGRATION_SECONDS} s: one poll and 1 s`,
    met: worst <= MOST_MIGRATION_SECONDS,
    how:
      'from the first final view that shows it to RECEIVED of the new node; 4 keys of all protocols, the deployed contract on ' +
      'a real NEAR node, three endpoints, the default poll of 1 s; the worst counts',
  }
}
