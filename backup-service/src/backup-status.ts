import { readFile } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { homePaths } from './home-paths.ts'
import { HEARTBEAT_MS } from './status/report.ts'
import { parseStatus, type Status } from './status/status.ts'

export type BackupStatus = Status & {
  /** False where the status is older than three heartbeats: the service is stopped, or hangs. */
  running: boolean
}

/**
 * What the service of this home last said, with the level lowered where it no longer runs.
 * @throws HoldfastError `STATUS_MISSING` where it never ran, `STATUS_INVALID`, `INVALID_JSON`
 */
export async function backupStatus(home: string, nowMs: number = Date.now()): Promise<BackupStatus> {
  const file = homePaths(home).status
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HoldfastError(
      'STATUS_MISSING',
      `cannot read ${file} (${error.code}): the backup service has not run here yet; start it with: holdfast backup run`,
    )
  })
  const status = parseStatus(text, file)
  if (nowMs - Date.parse(status.updated_at) <= 3 * HEARTBEAT_MS) return { ...status, running: true }
  return {
    ...status,
    running: false,
    level: status.level === 'critical' ? 'critical' : 'degraded',
    to_do: `the backup service has said nothing since ${status.updated_at}; start it with: holdfast backup run`,
  }
}
