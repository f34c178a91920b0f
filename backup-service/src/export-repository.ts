import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { syncDirectory, writeDurably } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Repository } from './repository/repository.ts'
import { sha256 } from './repository/snapshot.ts'

export type Exported = { directory: string; files: number; snapshots: number }

/**
 * Copies every snapshot and every manifest into a directory that is not there yet, with `SHA256SUMS` beside them. It appears when
 * it is whole, and not before. It can be a place of a config, or be restored from by hand.
 * @throws HoldfastError `EXPORT_EXISTS`, `SNAPSHOT_DAMAGED` where a file is whole in no place
 */
export async function exportRepository(
  repository: Pick<Repository, 'files'>,
  directory: string,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Exported> {
  const target = resolve(directory)
  const isThere = await readdir(target).then(
    () => true,
    () => false,
  )
  if (isThere) {
    throw new HoldfastError(
      'EXPORT_EXISTS',
      `refusing to export to ${target}: it exists; name a directory that does not`,
    )
  }
  const files = await repository.files(signal)
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  await mkdir(temporary, { mode: 0o700 })
  try {
    const sums: string[] = []
    for (const [done, { name, read }] of files.entries()) {
      onProgress(done, files.length)
      const content = await read(signal)
      await writeDurably(join(temporary, name), content)
      sums.push(`${sha256(content)}  ${name}\n`)
    }
    await writeDurably(join(temporary, 'SHA256SUMS'), sums.join(''))
    await rename(temporary, target)
    await syncDirectory(resolve(target, '..'))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
  return {
    directory: target,
    files: files.length,
    snapshots: files.filter(({ name }) => name.endsWith('.key.age')).length,
  }
}
