import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** A thousand shares are half a megabyte. */
const LARGEST_BYTES = 16 * 1024 * 1024

/**
 * The bytes of a file in a directory that others have made. A pipe there would be read for ever and a device without end, so
 * only a regular file is read (a symbolic link to one too), and only up to a size.
 * @throws HoldfastError `FILE_NOT_REGULAR`; the system's own errors
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  // Without O_NONBLOCK opening a pipe waits for its other end, and no signal ends that.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = await file.stat()
    if (!found.isFile()) throw new HoldfastError('FILE_NOT_REGULAR', 'it is no regular file')
    if (found.size > LARGEST_BYTES)
      throw new HoldfastError('FILE_NOT_REGULAR', `found ${found.size} bytes, expected at most ${LARGEST_BYTES}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
