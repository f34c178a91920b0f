import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { append } from './append.ts'
import { everywhere } from './everywhere.ts'
import { parseFileName } from './file-names.ts'
import type { Known, Parts } from './known.ts'
import type { Shred } from './ledger.ts'
import type { NamedFile } from './manifest.ts'

/** Gives snapshots up: from this manifest on they are not held, whatever happens to this process. */
export async function beginShredding(
  parts: Parts,
  known: Known,
  slots: string[],
  supersededAtMs: number,
  signal: AbortSignal,
): Promise<void> {
  await append(
    parts,
    known,
    { kind: 'shredding', slots, files: filesOf(known, slots), supersededAtMs },
    parts.places,
    [],
    signal,
  )
}

/**
 * Destroys what was given up: the key files first, for without them the rest is noise; then the rest. Writes the receipt once every
 * place has confirmed; a place that is away or still has to keep a file gets its turn when it can.
 * @returns why it could not be finished, per place; empty where it was
 */
export async function carryOutShredding(parts: Parts, known: Known, signal: AbortSignal): Promise<string[]> {
  const unfinished: string[] = []
  for (const shred of known.ledger.shreds.filter(({ receipt }) => receipt === undefined)) {
    const outcomes = await everywhere(
      parts.places,
      parts.places.length,
      (place, limited) => destroyIn(place, known, shred, limited),
      signal,
      parts.deadlineMs,
    )
    const failed = outcomes.flatMap(({ place, failure }) =>
      failure === undefined ? [] : [`${place.name}: ${errorMessage(failure.error)}`],
    )
    unfinished.push(...failed)
    if (failed.length > 0) continue
    const places = parts.places.map(({ name }) => name)
    const receipt = { kind: 'shredded', slots: shred.slots, begun: shred.sequence, places } as const
    await append(parts, known, receipt, parts.places, [], signal)
  }
  return unfinished
}

async function destroyIn(place: Place, { ledger }: Known, { slots, files }: Shred, signal: AbortSignal): Promise<void> {
  // The same shares may have been stored anew since.
  const given = new Set(slots.filter((slot) => !ledger.held.has(slot)))
  const here = (await place.list(signal)).map(({ name }) => name).filter((name) => isOf(name, given))
  const named = files.map(({ file }) => file).filter((name) => isOf(name, given))
  const all = [...new Set([...named, ...here])]
  for (const name of all.toSorted((a, b) => Number(isKey(b)) - Number(isKey(a)))) await place.destroy(name, signal)
}

function isOf(name: string, slots: ReadonlySet<string>): boolean {
  const parsed = parseFileName(name)
  return (parsed.kind === 'data' || parsed.kind === 'key' || parsed.kind === 'format-1') && slots.has(parsed.slot)
}

function isKey(name: string): boolean {
  return parseFileName(name).kind === 'key'
}

/** Every file that any manifest ever named for these slots: an earlier pair of the same shares must go too. */
function filesOf({ links }: Known, slots: readonly string[]): NamedFile[] {
  return links.flatMap(({ manifest: { entry } }) =>
    entry.kind === 'snapshot' && slots.includes(entry.slot) ? [entry.key, entry.data] : [],
  )
}
