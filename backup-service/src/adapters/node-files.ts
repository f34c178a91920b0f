import { lstat, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { syncDirectory } from '@holdfast/protocol/durable-file.ts'
import type { Files } from '../ports.ts'

/** The operating system's files. */
export const nodeFiles: Files = {
  list: (directory) => readdir(directory),
  read: (path) => readFile(path),
  async size(path) {
    try {
      const found = await lstat(path)
      return found.isFile() ? found.size : undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  create: (path, content) => writeFile(path, content, { flag: 'wx', mode: 0o600 }),
  sync: async (path) => {
    const file = await open(path, 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  remove: unlink,
  syncDirectory,
}
