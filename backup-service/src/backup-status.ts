import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { isFileLocked } from '@holdfast/protocol/file-lock.ts'
import { LOCK_FILE } from './adapters/directory-lock.ts'
import { homePaths } from './home-paths.ts'
import { HEARTBEAT_MS } from './status/report.ts'
import { assess, parseStatus, type Status } from './status/status.ts'
import { readChecks } from './upkeep/checks.ts'

export type BackupStatus = Status & {
  /** True while a process holds the home's lock. */
  running: boolean
}

/**
 * What the service of this home last said. Where it no longer runs, or runs and has not said anything for three heartbeats,
 * the level is lowered and `to_do` says so.
 * @throws HoldfastError `STATUS_MISSING` where it never ran, `STATUS_INVALID`, `INVALID_JSON`, `LOCK_FAILED`
 */
export async function backupStatus(home: string, nowMs: number = Date.now()): Promise<BackupStatus> {
  const file = homePaths(home).status
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HoldfastError(
      'STATUS_MISSING',
      `cannot read ${file} (${error.code}): the backup service has not run here yet; start it with: holdfast backup run`,
    )
  })
  const checks = await readChecks(homePaths(home).checks)
  const said = { ...parseStatus(text, file), checks }
  // A person's own verification or drill is newer than what the service last said, and speaks while none runs.
  const status = { ...said, ...assess(said) }
  const running = await isFileLocked(join(home, LOCK_FILE))
  const isFresh = nowMs - Date.parse(status.updated_at) <= 3 * HEARTBEAT_MS
  if (running && isFresh) return { ...status, running }
  return {
    ...status,
    running,
    level: status.level === 'critical' ? 'critical' : 'degraded',
    to_do: running
      ? `the backup service runs and has said nothing since ${status.updated_at}: it hangs; restart it`
      : `the backup service does not run, and last said something at ${status.updated_at}; start it with: holdfast backup run`,
  }
}
