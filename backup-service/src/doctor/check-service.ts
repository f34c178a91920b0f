import { join } from 'node:path'
import { doubtful, failed, well, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { isFileLocked } from '@holdfast/protocol/file-lock.ts'
import { LOCK_FILE } from '../adapters/directory-lock.ts'
import { backupStatus } from '../backup-status.ts'

/** Whether the service runs, and what it last said. */
export async function checkService(home: string): Promise<Finding> {
  const check = 'service'
  const start = `holdfast backup run --home ${home}, or systemctl start holdfast-backup`
  try {
    const { running, level, summary, to_do } = await backupStatus(home)
    if (!running) return doubtful(check, 'does not run', start)
    if (level === 'healthy') return well(check, `runs: ${summary}`)
    return doubtful(check, `runs, ${level}: ${summary}`, to_do ?? `holdfast backup status --home ${home}`)
  } catch (error) {
    if (!isHoldfastError(error, 'STATUS_MISSING')) return failed(check, error, start)
    const runs = await isFileLocked(join(home, LOCK_FILE)).catch(() => false)
    return runs ? well(check, 'has just started') : doubtful(check, 'has not run yet', start)
  }
}
