import { statfs } from 'node:fs/promises'
import { errorMessage } from '../errors.ts'
import { doubtful, well, wrong, type Finding } from './finding.ts'

/** Shares are small; a log or a neighbour fills a disk. */
const SCARCE_BYTES = 64 * 1024 * 1024

/** How much room the disk of a directory has. */
export async function checkRoom(directory: string, check = 'disk'): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(directory)
    const free = bavail * bsize
    const text = `${Math.floor(free / 1024 / 1024)} MB free`
    if (free === 0) return wrong(check, text, 'make room: no share could be stored')
    if (free < SCARCE_BYTES) return doubtful(check, text, 'make room before a new key or a resharing needs it')
    return well(check, text)
  } catch (error) {
    return wrong(check, errorMessage(error), `look at the disk of ${directory}`)
  }
}
