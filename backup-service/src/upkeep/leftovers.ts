import { join } from 'node:path'
import { lockFile, type FileLock } from '@holdfast/protocol/file-lock.ts'
import { wipeDrillDirectories } from './drill-directory.ts'

/**
 * Taken while a task runs: it reads and writes `checks.json`, and may find another's shares in a drill's directory.
 * @returns undefined while another process has it
 */
export function lockUpkeep(home: string): Promise<FileLock | undefined> {
  return lockFile(join(home, 'upkeep.lock'))
}

/**
 * Wipes what a drill of this home that was killed has left behind, unless another task runs, which has done that itself.
 * @returns the directories that were found
 */
export async function wipeDrillLeftovers(home: string): Promise<string[]> {
  const lock = await lockUpkeep(home)
  try {
    return lock === undefined ? [] : await wipeDrillDirectories(home)
  } finally {
    lock?.release()
  }
}
