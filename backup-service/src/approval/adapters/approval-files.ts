import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTemporaryName, makeDirectory, removeDurably, writeDurably } from '@holdfast/protocol/durable-file.ts'
import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { readSecretFile } from '@holdfast/protocol/secret-file.ts'
import type { RestoreAnswer } from '../approval.ts'
import { answerFromJson, answerToJson, requestFromJson, requestToJson } from '../approval-json.ts'
import type { GiveAnswer, KeepRequest, ReadAnswers } from '../ports.ts'

const OTHERS = 0o077

/** The request that is being served, in one file that only the service writes. */
export function requestFile(file: string): KeepRequest {
  return {
    async recall() {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      try {
        return requestFromJson(text, file)
      } catch {
        // Then the waiting begins anew, which harms nobody.
        return undefined
      }
    },
    remember: (request) => writeDurably(file, requestToJson(request)),
    forget: () => removeDurably(file),
  }
}

/**
 * The operator's answers: one file each in a directory of mode 0700, so that a command can add one while the service reads
 * and neither waits for the other. Nothing but a person removes them.
 */
export function answerFiles(directory: string): ReadAnswers & GiveAnswer {
  return {
    async answers() {
      try {
        return await readAll(directory)
      } catch (error) {
        throw new HoldfastError(
          'ANSWERS_UNREADABLE',
          `cannot tell whether a restore was denied: ${errorMessage(error)}; look at ${directory} and make it readable ` +
            'to the backup service and to nobody else (directory 0700, files 0600)',
        )
      }
    },
    async give(answer) {
      await makeDirectory(directory)
      await checkOwnerOnly(directory)
      await writeDurably(join(directory, nameOf(answer)), answerToJson(answer))
    },
  }
}

async function readAll(directory: string): Promise<RestoreAnswer[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return []
  await checkOwnerOnly(directory)
  const files = names.filter((name) => !isTemporaryName(name)).map((name) => join(directory, name))
  return Promise.all(
    files.map(async (file) => answerFromJson(await readSecretFile(file, "the operator's answer"), file)),
  )
}

/** Who may write here may approve. */
async function checkOwnerOnly(directory: string): Promise<void> {
  const { mode } = await lstat(directory)
  if ((mode & OTHERS) === 0) return
  throw new HoldfastError(
    'ANSWERS_UNREADABLE',
    `refusing the answers in ${directory}: found mode ${(mode & 0o777).toString(8)}, expected 700`,
  )
}

function nameOf({ destination, requestedAt, verdict }: RestoreAnswer): string {
  const id = createHash('sha256').update(destination).digest('hex').slice(0, 16)
  return `${requestedAt}-${id}.${verdict}.json`
}
