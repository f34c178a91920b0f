import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
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
 * @throws HoldfastError `HOME_MISSING` where there is no home, `STATUS_MISSING` where it never ran, `STATUS_INVALID`, `INVALID_JSON`, `LOCK_FAILED`
 */
export async function backupStatus(home: string, nowMs: number = Date.now()): Promise<BackupStatus> {
  const file = homePaths(home).status
  const text = await readFile(file, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    throw await whyMissing(home, file, error)
  })
  const checks = await readChecks(homePaths(home).checks)
  // A home may have been moved since.
  const said = { ...parseStatus(text, file), home: resolve(home), checks }
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
      : `the backup service does not run, and last said something at ${status.updated_at}; start it with: holdfast backup run --home ${home}`,
  }
}

async function whyMissing(home: string, file: string, { code }: NodeJS.ErrnoException): Promise<HoldfastError> {
  const { config } = homePaths(home)
  const isHome = await access(config).then(
    () => true,
    () => false,
  )
  return isHome
    ? new HoldfastError(
        'STATUS_MISSING',
        `cannot read ${file} (${code}): the backup service has not run here yet; start it with: holdfast backup run --home ${home}`,
      )
    : new HoldfastError(
        'HOME_MISSING',
        `${home} is no home of a backup service: there is no ${config}; check --home, or make one with: holdfast backup init`,
      )
}
