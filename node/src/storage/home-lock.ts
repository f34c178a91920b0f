import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

export const LOCK_FILE = 'lock'
/** How long the one that loses may take to find out; two that start at once must not both give way. */
const PATIENCE_MS = 500
const SQLITE_BUSY = 5

/**
 * Takes the home for this process until the returned function is called or the process ends, however it ends. Node has
 * no file locks of its own; SQLite's exclusive transaction is one that the kernel lets go of with the process, that is
 * never stale and that two takers cannot both get. Nothing is ever written to the file.
 * @throws HoldfastError `ALREADY_RUNNING`, `HOME_UNUSABLE`
 */
export async function lockHome(home: string): Promise<() => void> {
  // Loaded here, as commands that only read a home need no lock.
  const { DatabaseSync } = await import('node:sqlite')
  const path = join(home, LOCK_FILE)
  let database: InstanceType<typeof DatabaseSync> | undefined
  try {
    database = new DatabaseSync(path, { timeout: PATIENCE_MS })
    database.exec('PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE')
    const held = database
    return () => held.close()
  } catch (error) {
    database?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new HoldfastError(
        'ALREADY_RUNNING',
        `refusing to start: another node runs with this home (it holds ${path}); stop it first`,
      )
    }
    throw new HoldfastError(
      'HOME_UNUSABLE',
      `cannot lock ${path}: ${(error as Error).message}; check the home's owner, mode and disk`,
    )
  }
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
