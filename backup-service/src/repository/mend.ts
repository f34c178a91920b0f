import { errorMessage, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { writeAndReadBack, writeHead } from './append.ts'
import { headName, keyIdOf, parseFileName } from './file-names.ts'
import type { Finding } from './findings.ts'
import type { Known, Parts } from './known.ts'
import { isNamed, type NamedFile } from './manifest.ts'
import type { Survey } from './survey.ts'

/** What became of a finding. */
export type Mending = { finding: Finding; mended: boolean; failure: string | undefined }

/**
 * Puts back whatever a place lacks: manifests and head from the service's own copy, snapshot files from any other place that has them
 * whole or from an earlier version of the place itself; destroys what was to be destroyed. The head is last, so that it
 * never promises what is not there yet.
 */
export async function mendPlace(
  parts: Parts,
  known: Known,
  place: Place,
  { files }: Survey,
  findings: readonly Finding[],
  signal: AbortSignal,
): Promise<Mending[]> {
  const results: Mending[] = []
  for (const finding of findings) {
    try {
      results.push({ finding, mended: await mend(finding), failure: undefined })
    } catch (error) {
      signal.throwIfAborted()
      results.push({ finding, mended: false, failure: errorMessage(error) })
    }
  }
  const newest = known.links.at(-1)
  if (newest !== undefined && findings.some(({ kind }) => concernsChain(kind))) {
    await writeHead(parts, place, newest, signal)
  }
  return results

  async function mend({ kind, file }: Finding): Promise<boolean> {
    switch (kind) {
      case 'behind':
      case 'manifest-missing':
      case 'manifest-damaged':
      case 'forged-signature':
      case 'head-damaged':
      case 'forked':
        return parseFileName(file).kind === 'data' || parseFileName(file).kind === 'key'
          ? putBack(file)
          : mendChain(file)
      case 'rolled-back':
        for (const { name } of known.links) if (!files.has(name)) await mendChain(name)
        return true
      case 'file-missing':
      case 'file-damaged':
        return putBack(file)
      case 'shredded-file':
        await place.destroy(file, signal)
        return true
      case 'foreign-chain':
      case 'other-identity':
      case 'unusable-file':
        return false
      default:
        kind satisfies never
        throw new TypeError('unknown finding')
    }
  }

  /** What this service does not stand by stays where it is, for the operator to look at. */
  async function mendChain(file: string): Promise<boolean> {
    if (file === headName(keyIdOf(parts.signer.publicKey))) return true
    const link = known.links.find(({ name }) => name === file)
    if (link === undefined) return false
    await writeAndReadBack(place, link.name, link.bytes, signal)
    await place.protect(link.name, signal)
    return true
  }

  async function putBack(file: string): Promise<boolean> {
    const named = namedIn(known, file)
    if (named === undefined) return false
    const content = await findWhole(parts, place, named, signal)
    if (content === undefined) return false
    await writeAndReadBack(place, file, content, signal)
    await place.protect(file, signal)
    return true
  }
}

function concernsChain(kind: Finding['kind']): boolean {
  return kind !== 'file-missing' && kind !== 'file-damaged' && kind !== 'shredded-file'
}

function namedIn({ ledger }: Known, file: string): NamedFile | undefined {
  return [...ledger.held.values()].flatMap(({ entry }) => [entry.data, entry.key]).find((named) => named.file === file)
}

/** The content of a file that a manifest names, from wherever it is whole. */
export async function findWhole(
  { places }: Parts,
  damaged: Place | undefined,
  named: NamedFile,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const others = places.filter((place) => place !== damaged).toSorted((a, b) => Number(b.isLocal) - Number(a.isLocal))
  for (const other of others) {
    const content = await readIfThere(() => other.read(named.file, signal))
    if (isNamed(content, named)) return content
  }
  if (damaged === undefined) return undefined
  const versions = (await readIfThere(() => damaged.versions(named.file, signal))) ?? []
  return versions.find((content) => isNamed(content, named))
}

async function readIfThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isHoldfastError(error)) return undefined
    throw error
  }
}
