import { constants } from 'node:fs'
import { access, chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** A directory that no other backup service works on, until `release`. */
export type DirectoryLock = { release(): void }

/** The file below the directory that carries the lock. It stays, empty: what counts is who holds it open. */
export const LOCK_FILE = 'backup-service.lock'
const SQLITE_BUSY = 5
/** SQLite takes its lock in steps: without patience two that start at once could both give way. */
const PATIENCE_MS = 500
/** A database that nobody refers to is closed by the garbage collector, and its lock is gone. */
const heldOpen = new Set<DatabaseSync>()

/**
 * Takes the kernel's lock on a file of the directory: in one step, with nothing to find out about whoever had it before,
 * gone with the process however it ends, and true across containers that share the directory (the name of a socket is
 * not). Node has no file locks of its own; SQLite's exclusive transaction is one, and writes nothing while it is empty.
 * A directory that cannot be written needs no lock: a repository on a read-only disk still restores.
 * @throws HoldfastError `ALREADY_RUNNING`; `LOCK_FAILED` where the disk has no locks
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  if (!(await isWritable(directory))) return { release: () => undefined }
  const file = join(directory, LOCK_FILE)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: PATIENCE_MS })
    database.exec('BEGIN EXCLUSIVE')
    await chmod(file, 0o600)
  } catch (error) {
    database?.close()
    throw refusal(directory, error)
  }
  const held = database
  heldOpen.add(held)
  return {
    release() {
      if (heldOpen.delete(held)) held.close()
    },
  }
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function refusal(directory: string, error: unknown): HoldfastError {
  const { errcode, message } = error as Error & { errcode?: number }
  if (errcode === SQLITE_BUSY) {
    return new HoldfastError(
      'ALREADY_RUNNING',
      `refusing to start: another backup service works on ${directory}; stop it first, or give this one a home and a ` +
        'repository of its own',
    )
  }
  return new HoldfastError(
    'LOCK_FAILED',
    `cannot lock ${directory} (${message}); put it on a disk with file locks and room for an empty file`,
  )
}
