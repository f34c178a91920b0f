import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'

/** A thousand shares take half of it. */
const LEAST_FREE_BYTES = 1_000_000n

/** Whether this process may write in the directory, and its disk has room for a snapshot. */
export async function isPlaceWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(directory, { bigint: true })
    return bavail * bsize >= LEAST_FREE_BYTES
  } catch {
    return false
  }
}
