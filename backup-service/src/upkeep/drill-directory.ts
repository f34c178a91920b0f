import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readdir, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** In memory, where Linux has it: a share in clear need not touch a disk for a drill. */
const MEMORY = '/dev/shm'

/** A new directory for one drill, mode 0700: in memory if possible, else in the home. */
export async function makeDrillDirectory(home: string): Promise<string> {
  const name = `${await prefixOf(home)}${randomBytes(6).toString('hex')}`
  try {
    return await make(join(MEMORY, name))
  } catch {
    return make(join(home, name))
  }
}

/**
 * Wipes the directories that drills of this home have left behind, whatever ended them. Only while no drill of this home
 * runs.
 * @returns those that were found
 */
export async function wipeDrillDirectories(home: string): Promise<string[]> {
  const prefix = await prefixOf(home)
  const found: string[] = []
  for (const parent of [MEMORY, home]) {
    const names = await readdir(parent).catch(() => [])
    for (const name of names.filter((each) => each.startsWith(prefix))) {
      const directory = join(parent, name)
      // Anybody may put something into the shared memory directory under any name: also a link to what is ours elsewhere.
      const entry = await lstat(directory).catch(() => undefined)
      if (entry === undefined || !entry.isDirectory() || entry.uid !== process.getuid?.()) continue
      await wipe(directory)
      found.push(directory)
    }
  }
  return found
}

/** Overwrites every file with zeros and removes the directory. */
export async function wipe(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((each) => each.isFile())) await overwrite(join(entry.parentPath, entry.name))
  await rm(directory, { recursive: true, force: true })
}

async function make(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 })
  return path
}

async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    await file.write(new Uint8Array(size), 0, size, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Tells the drills of one home from those of another. */
async function prefixOf(home: string): Promise<string> {
  const path = await realpath(home).catch(() => resolve(home))
  return `holdfast-drill-${createHash('sha256').update(path).digest('hex').slice(0, 16)}-`
}
