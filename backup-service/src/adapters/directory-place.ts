import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isTemporaryName } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Files, Place, PlaceFile } from '../ports.ts'

/** A directory of this machine. It keeps no versions and promises nobody anything: `protect` does nothing. */
export function directoryPlace(name: string, directory: string, files: Files): Place {
  const path = (file: string): string => join(directory, file)

  async function named<T>(act: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      throw placeError(act, directory, error)
    }
  }

  return {
    name,
    isLocal: true,
    list: (signal) =>
      named('list', async () => {
        signal.throwIfAborted()
        const found = (await files.list(directory)).filter((file) => !isTemporaryName(file)).toSorted()
        const sizes = await Promise.all(found.map((file) => files.size(path(file))))
        return found.flatMap((file, index): PlaceFile[] => {
          const bytes = sizes[index]
          return bytes === undefined ? [] : [{ name: file, bytes }]
        })
      }),
    read: (file, signal) =>
      named(`read ${file} in`, async () => {
        signal.throwIfAborted()
        return files.read(path(file))
      }),
    /** Temporary file, fsync, rename, fsync of the directory. */
    write: (file, content, signal) =>
      named(`write ${file} in`, async () => {
        signal.throwIfAborted()
        const temporary = path(`.${file}.${randomBytes(6).toString('hex')}.tmp`)
        try {
          await files.create(temporary, content)
          await files.sync(temporary)
          await files.rename(temporary, path(file))
        } catch (error) {
          await files.remove(temporary).catch(() => undefined)
          throw error
        }
        await files.syncDirectory(directory)
      }),
    destroy: (file, signal) =>
      named(`remove ${file} from`, async () => {
        signal.throwIfAborted()
        try {
          await files.remove(path(file))
        } catch (error) {
          if (systemCode(error) !== 'ENOENT') throw error
        }
        await files.syncDirectory(directory)
      }),
    versions: async () => [],
    protect: async () => undefined,
    sweep: (signal) =>
      named('sweep', async () => {
        signal.throwIfAborted()
        const leftovers = (await files.list(directory)).filter(isTemporaryName)
        for (const leftover of leftovers) await files.remove(path(leftover)).catch(() => undefined)
      }),
  }
}

function placeError(act: string, directory: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined) return error
  const failed = `cannot ${act} the directory ${directory}`
  switch (code) {
    case 'ENOENT':
      return act.startsWith('read ')
        ? new HoldfastError('PLACE_FILE_MISSING', `${failed}: there is no such file`)
        : new HoldfastError('PLACE_MISSING', `${failed}: it does not exist (ENOENT); mount its disk, or make it`)
    case 'ENOSPC':
    case 'EDQUOT':
      return new HoldfastError('PLACE_FULL', `${failed}: its disk is full (${code}); free some room`)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new HoldfastError('PLACE_REFUSED', `${failed} (${code}); check its owner, mode and mount options`)
    default:
      return new HoldfastError('PLACE_FAILED', `${failed} (${code}); check its disk`)
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
