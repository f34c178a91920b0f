import { randomInt } from 'node:crypto'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { keyFileOf, parseFileName } from './file-names.ts'
import { keepSnapshot } from './keep-snapshot.ts'
import type { Known, Parts } from './known.ts'
import { openSnapshot } from './open-snapshot.ts'
import type { SnapshotContent } from './snapshot-content.ts'
import { slotOf } from './snapshot.ts'

/**
 * Records snapshots that no manifest of this service names: of the previous format, of a service whose home is lost, of
 * a manifest that is lost. Whoever may write to a place can put anything there, so a name or a foreign signature counts for nothing:
 * each is opened, proved, and stored anew like shares from a node. The files stay until their epoch is destroyed.
 * Shares without commitments cannot be proved, and the recipients' public keys are no secret: whoever may write here can make such
 * ones. Only a service that has recorded nothing yet, as after the loss of a home, takes them; any other asks the node.
 * Bounded: shares with commitments of their own making are genuine by them, and must fill neither the time nor the disks.
 * @returns the slots that are held now and were not
 */
export async function takeOver(
  parts: Parts,
  known: Known,
  candidates: ReadonlyMap<string, Place>,
  signal: AbortSignal,
): Promise<string[]> {
  const taken: string[] = []
  const isNew = known.links.length === 0
  let opening = 0
  for (const [file, place] of inRandomOrder(candidates)) {
    const parsed = parseFileName(file)
    if (parsed.kind !== 'data' && parsed.kind !== 'format-1') continue
    if (known.ledger.held.has(parsed.slot) || known.remembered.rejected.has(file)) continue
    if (known.ledger.held.size >= MOST_HELD || opening++ === MOST_OPENED) break
    const opened = await openCandidate(parts, place, file, signal)
    if (opened.kind === 'rejected') {
      known.remembered.rejected.set(file, opened.reason)
      continue
    }
    if (!opened.provedGenuine && !isNew) {
      known.remembered.rejected.set(file, UNPROVED)
      continue
    }
    await keepSnapshot(parts, known, opened.content, opened.provedGenuine, signal)
    taken.push(parsed.slot)
  }
  return taken
}

/** Stores anew whatever a recipient that the config names could not open. @returns the slots */
export async function sealForAll(parts: Parts, known: Known, signal: AbortSignal): Promise<string[]> {
  const sealed: string[] = []
  const own = [...known.ledger.held.values()].filter(({ entry }) => entry.identityId === parts.seal.identityId)
  if (own.length === 0) return sealed
  const recipients = await parts.seal.recipients()
  for (const { entry } of own) {
    if (recipients.every((recipient) => entry.recipients.includes(recipient))) continue
    try {
      const { content, provedGenuine } = await openSnapshot(parts, entry, signal)
      await keepSnapshot(parts, known, content, provedGenuine, signal)
      sealed.push(entry.slot)
    } catch (error) {
      // A snapshot that cannot be opened now is named by whoever looks at its files.
      if (!isHoldfastError(error) || !error.code.startsWith('SNAPSHOT_')) throw error
    }
  }
  return sealed
}

/** In one round: each costs some 50 ms, and mending and retention wait for it. */
const MOST_OPENED = 64
/** From so many snapshots on none is taken over: the shares of this many epochs are nobody's who needs them back. */
const MOST_HELD = 256

/** So that no number of forged files stands before a genuine one for ever. */
function inRandomOrder<T>(values: Iterable<T>): T[] {
  return [...values]
    .map((value) => ({ value, rank: randomInt(2 ** 32) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value)
}

const UNPROVED =
  'nothing in the contract tells whether its shares are genuine, and this service did not record it; only a new home takes it over'

type Candidate =
  { kind: 'genuine'; content: SnapshotContent; provedGenuine: boolean } | { kind: 'rejected'; reason: string }

async function openCandidate(parts: Parts, place: Place, file: string, signal: AbortSignal): Promise<Candidate> {
  const { parseContent, proveContent } = await import('./snapshot-content.ts')
  const parsed = parseFileName(file)
  const what = `the snapshot ${file}`
  try {
    const data = await place.read(file, signal)
    const plaintext =
      parsed.kind === 'format-1'
        ? await parts.seal.openDirect(data)
        : await parts.seal.open({ data, key: await place.read(keyFileOf(file), signal) })
    const content = parseContent(parts.owner, plaintext, what)
    const provedGenuine = proveContent(content)
    const own = slotOf(parts.owner, content.keyset, content.participantId)
    if (!file.startsWith(`${own}.`)) throw new HoldfastError('SNAPSHOT_INVALID', `${what} holds what belongs in ${own}`)
    return { kind: 'genuine', content, provedGenuine }
  } catch (error) {
    if (!isHoldfastError(error) || speaksOfThePlace(error)) throw error
    return { kind: 'rejected', reason: errorMessage(error) }
  }
}

/** A file that is gone is judged with what it belongs to; a place that is away judges nothing. */
function speaksOfThePlace({ code }: HoldfastError): boolean {
  return code.startsWith('PLACE_') && code !== 'PLACE_FILE_MISSING'
}
