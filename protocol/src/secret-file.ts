import { randomBytes } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncDirectory } from './durable-file.ts'
import { HoldfastError } from './errors.ts'

const OTHERS = 0o077

/**
 * The text of a secret file (mode 0600, or stricter); as `latin1` its bytes, one a character. `what` names it in errors.
 * @throws HoldfastError `SECRET_FILE_MISSING`, or `SECRET_FILE_EXPOSED` if its group or others have any right on it.
 */
export async function readSecretFile(
  path: string,
  what: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new HoldfastError(
      'SECRET_FILE_MISSING',
      `cannot read ${what}: there is no file ${path}; was the home initialised?`,
    )
  })
  try {
    const { mode } = await file.stat()
    if ((mode & OTHERS) !== 0) {
      throw new HoldfastError(
        'SECRET_FILE_EXPOSED',
        `refusing ${what} in ${path}: found mode ${(mode & 0o777).toString(8).padStart(4, '0')}, expected 0600; ` +
          'run chmod 600 on it, and replace its keys if others may have read it',
      )
    }
    return await file.readFile(encoding)
  } finally {
    await file.close()
  }
}

/**
 * Creates a secret file with mode 0600, durably and all or nothing; it never replaces one, for an overwritten identity
 * cannot be brought back.
 * @throws HoldfastError `SECRET_FILE_EXISTS`
 */
export async function writeNewSecretFile(path: string, content: string | Uint8Array, what: string): Promise<void> {
  const directory = dirname(path)
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    // Unlike rename, link fails where the name is taken, in one step.
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new HoldfastError(
      'SECRET_FILE_EXISTS',
      `refusing to overwrite ${what}: ${path} exists already; use it, or move it away yourself`,
    )
  } finally {
    await unlink(temporary)
  }
  await syncDirectory(directory)
}
