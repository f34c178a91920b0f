import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { lockFile, type FileLock } from '@holdfast/protocol/file-lock.ts'

export const LOCK_FILE = 'lock'

/**
 * Takes the home for this process, until it is released or the process ends, however it ends.
 * @throws HoldfastError `ALREADY_RUNNING`, `LOCK_FAILED`
 */
export async function lockHome(home: string): Promise<FileLock> {
  const path = join(home, LOCK_FILE)
  const lock = await lockFile(path)
  if (lock !== undefined) return lock
  throw new HoldfastError(
    'ALREADY_RUNNING',
    `refusing to start: another node runs with this home (it holds ${path}); stop it first`,
  )
}

/**
 * A home holds secrets and a socket that signs: only its owner may look into it.
 * @throws HoldfastError `HOME_EXPOSED`; a missing home is left to who reads it
 */
export async function refuseExposedHome(home: string): Promise<void> {
  const found = await stat(home).catch(() => undefined)
  if (found === undefined || (found.mode & 0o077) === 0) return
  throw new HoldfastError(
    'HOME_EXPOSED',
    `refusing to use ${home}: its mode is ${(found.mode & 0o7777).toString(8).padStart(4, '0')}, others than its owner may use it; ` +
      `expected 0700: chmod 700 ${home}`,
  )
}
