import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { HoldfastError } from './errors.ts'

/** A file that no other process holds, until `release` or the end of this process. */
export type FileLock = { release(): void }

const SQLITE_BUSY = 5
/** SQLite takes its lock in steps: without patience two that start at once could both give way. */
const PATIENCE_MS = 500
/** A database that nobody refers to is closed by the garbage collector, and its lock is gone. */
const heldOpen = new Set<DatabaseSync>()

/**
 * Takes the kernel's lock on a file, which is made if it is missing and stays empty: in one step, with nothing to find out
 * about whoever had it before, gone with the process however it ends, and true across containers that share the directory
 * (the name of a socket is not). Node has no file locks of its own; SQLite's exclusive transaction is one.
 * @returns undefined if another process holds it
 * @throws HoldfastError `LOCK_FAILED` where the file cannot be made or the disk has no locks
 */
export async function lockFile(path: string): Promise<FileLock | undefined> {
  // Loaded here: commands that only read need no lock.
  const sqlite = await import('node:sqlite')
  let database: DatabaseSync | undefined
  try {
    database = new sqlite.DatabaseSync(path, { timeout: PATIENCE_MS })
    database.exec('PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE')
    await chmod(path, 0o600)
  } catch (error) {
    database?.close()
    const { errcode, message } = error as Error & { errcode?: number }
    if (errcode === SQLITE_BUSY) return undefined
    throw new HoldfastError(
      'LOCK_FAILED',
      `cannot lock ${path} (${message}); check the owner and mode of its directory, and that its disk has file locks and ` +
        'room for an empty file',
    )
  }
  const held = database
  heldOpen.add(held)
  return {
    release() {
      if (heldOpen.delete(held)) held.close()
    },
  }
}

/** True while some process holds the lock of this file; asking takes it for a moment where nobody does. */
export async function isFileLocked(path: string): Promise<boolean> {
  if (!existsSync(path)) return false
  const lock = await lockFile(path)
  lock?.release()
  return lock === undefined
}
