import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { lockFile, type FileLock } from '@holdfast/protocol/file-lock.ts'

/** The file below the directory that carries the lock. It stays, empty: what counts is who holds it open. */
export const LOCK_FILE = 'backup-service.lock'

/**
 * Takes a directory for this backup service alone. One that cannot be written needs no lock: a repository on a read-only
 * disk still restores.
 * @throws HoldfastError `ALREADY_RUNNING`, `LOCK_FAILED`
 */
export async function lockDirectory(directory: string): Promise<FileLock> {
  if (!(await isWritable(directory))) return { release: () => undefined }
  const lock = await lockFile(join(directory, LOCK_FILE))
  if (lock !== undefined) return lock
  throw new HoldfastError(
    'ALREADY_RUNNING',
    `refusing to start: another backup service works on ${directory}; stop it first, or give this one a home and a ` +
      'repository of its own',
  )
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}
