import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Parts } from './known.ts'
import type { NamedFile, SnapshotEntry } from './manifest.ts'
import { findWhole } from './mend.ts'
import type { SnapshotContent } from './snapshot-content.ts'

export type Opened = { content: SnapshotContent; provedGenuine: boolean }

/**
 * Reads a snapshot from the first place that has it whole, decrypts and proves it.
 * @throws HoldfastError `SNAPSHOT_DAMAGED` where no place has it whole, `SNAPSHOT_UNDECRYPTABLE`, `SNAPSHOT_INVALID`, `KEYSHARE_*`
 */
export async function openSnapshot(
  parts: Parts,
  { data, key }: Pick<SnapshotEntry, 'data' | 'key'>,
  signal: AbortSignal,
): Promise<Opened> {
  const what = `the snapshot ${data.file}`
  const sealed = { key: await readWhole(parts, key, signal), data: await readWhole(parts, data, signal) }
  const { parseContent, proveContent } = await import('./snapshot-content.ts')
  const content = parseContent(parts.owner, await parts.seal.open(sealed), what)
  return { content, provedGenuine: proveContent(content) }
}

/** A file of a snapshot, from the first place that has it as it was written. @throws HoldfastError `SNAPSHOT_DAMAGED` */
export async function readWhole(parts: Parts, named: NamedFile, signal: AbortSignal): Promise<Uint8Array> {
  const content = await findWhole(parts, undefined, named, signal)
  if (content !== undefined) return content
  const found = await Promise.all(
    parts.places.map(async (place) => {
      const is = await place.read(named.file, signal).then(
        () => 'is not the one that was written there',
        (error: unknown) => (isHoldfastError(error, 'PLACE_FILE_MISSING') ? 'is gone' : errorMessage(error)),
      )
      return `${place.name}: ${is}`
    }),
  )
  throw new HoldfastError(
    'SNAPSHOT_DAMAGED',
    `cannot use ${named.file}: no place holds it with the SHA-256 ${named.sha256}; ${found.join('; ')}; put it back from a ` +
      'copy',
  )
}
