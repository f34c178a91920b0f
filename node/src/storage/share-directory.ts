import { readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isTemporaryName, makeDirectory, removeDurably } from '@holdfast/protocol/durable-file.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { WriteFileDurably } from '../ports.ts'
import type { ShareSet } from './acceptance.ts'
import { parseShareFile, serializeShareFile } from './share-file.ts'
import { parseTrialFile, serializeTrialFile } from './trial-file.ts'

/** What names one attempt at a key. */
export type AttemptId = { epochId: bigint; domainId: bigint; attemptId: bigint }

/** `<epoch>_<domain>_<attempt>`: how near/mpc names its temporary files too. */
export function attemptName({ epochId, domainId, attemptId }: AttemptId): string {
  return `${epochId}_${domainId}_${attemptId}`
}

/**
 * The files below `<home>/shares`: `permanent.json`, one `temporary/<attempt>.json` per unconcluded attempt, an empty
 * `started/<attempt>` for every attempt that this node began and, only while there are any, `on-trial.json`: the attempts
 * in `permanent.json` that may still have to be destroyed. Every write is all or nothing.
 */
export type ShareDirectory = {
  readPermanent(): Promise<ShareSet | undefined>
  /** Without a set, none are there any more. */
  writePermanent(set: ShareSet | undefined): Promise<void>
  readOnTrial(): Promise<Set<string>>
  writeOnTrial(names: ReadonlySet<string>): Promise<void>
  readTemporaries(): Promise<Map<string, ShareSet>>
  writeTemporary(attempt: AttemptId, set: ShareSet): Promise<void>
  readStarted(): Promise<Set<string>>
  writeStarted(attempt: AttemptId): Promise<void>
  /** Removes everything of the attempts named. */
  forget(names: string[]): Promise<void>
}

/** Opens the directory, making it where it is missing, and removes what a crash left half-written. */
export async function openShareDirectory(path: string, write: WriteFileDurably): Promise<ShareDirectory> {
  const permanent = join(path, 'permanent.json')
  const onTrial = join(path, 'on-trial.json')
  const temporaries = join(path, 'temporary')
  const started = join(path, 'started')
  for (const directory of [path, temporaries, started]) {
    await makeDirectory(directory)
    await removeLeftovers(directory)
  }

  const store = async (target: string, text: string) => {
    try {
      await write(target, text)
    } catch (error) {
      throw storageError(target, error)
    }
  }
  const remove = (target: string) =>
    removeDurably(target).catch((error: unknown) => {
      throw storageError(target, error)
    })
  return {
    readPermanent: () => readSet(permanent),
    writePermanent: (set) => (set === undefined ? remove(permanent) : store(permanent, serializeShareFile(set))),
    readOnTrial: async () => parseTrialFile(await readText(onTrial), onTrial),
    writeOnTrial: (names) => (names.size === 0 ? remove(onTrial) : store(onTrial, serializeTrialFile(names))),
    async readTemporaries() {
      const sets = new Map<string, ShareSet>()
      for (const name of await readdir(temporaries)) {
        const set = name.endsWith('.json') ? await readSet(join(temporaries, name)) : undefined
        if (set !== undefined) sets.set(name.slice(0, -'.json'.length), set)
      }
      return sets
    },
    writeTemporary: (attempt, set) => store(join(temporaries, `${attemptName(attempt)}.json`), serializeShareFile(set)),
    readStarted: async () => new Set(await readdir(started)),
    writeStarted: (attempt) => store(join(started, attemptName(attempt)), ''),
    async forget(names) {
      for (const name of names) {
        await removeDurably(join(temporaries, `${name}.json`))
        await removeDurably(join(started, name))
      }
    },
  }
}

async function readSet(path: string): Promise<ShareSet | undefined> {
  const text = await readText(path)
  return text === undefined ? undefined : parseShareFile(text, path)
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new HoldfastError(
      'STORAGE_FAILED',
      `cannot read ${path}: ${errorMessage(error)}; check the disk and start again`,
    )
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory)
  await Promise.all(names.filter(isTemporaryName).map((name) => unlink(join(directory, name))))
}

function storageError(path: string, error: unknown): HoldfastError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HoldfastError(
      'DISK_FULL',
      `cannot store ${path}: the disk is full; nothing was changed. Free some space; the node tries again`,
      { cause: error },
    )
  }
  return new HoldfastError(
    'STORAGE_FAILED',
    `cannot store ${path}: ${errorMessage(error)}; nothing was changed. Check the disk`,
    { cause: error },
  )
}
