import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Place } from '../ports.ts'
import { append, writeAndReadBack } from './append.ts'
import { everywhere, requireEnough, type Outcome } from './everywhere.ts'
import { newSealedNames } from './file-names.ts'
import { noteState, type Known, type Parts } from './known.ts'
import { namedFile, type SnapshotEntry } from './manifest.ts'
import type { SnapshotContent } from './snapshot-content.ts'
import { slotOf, snapshotOf, type Snapshot } from './snapshot.ts'

/**
 * Seals proved shares, writes them to every place, reads them back, opens them, and only then records them in the chain.
 * Until the manifest is signed nothing counts; until then old snapshots are not touched, and afterwards neither.
 * @throws HoldfastError `READ_BACK_DIFFERS`, `NOT_DURABLE`, a single place's own
 */
export async function keepSnapshot(
  parts: Parts,
  known: Known,
  content: SnapshotContent,
  provedGenuine: boolean,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { owner, seal, places, memory, durableCopies } = parts
  const { serializeContent } = await import('./snapshot-content.ts')
  const plaintext = serializeContent(owner, content)
  const sealed = await seal.seal(plaintext)
  const slot = slotOf(owner, content.keyset, content.participantId)
  const names = newSealedNames(slot)
  const what = `the new snapshot ${names.data}`

  known.remembered.pending = [...known.remembered.pending, names.data, names.key]
  await memory.keepPlaces(known.remembered)
  const written = await everywhere(
    places,
    durableCopies,
    async (place, limited) => {
      await writeAndReadBack(place, names.data, sealed.data, limited)
      await writeAndReadBack(place, names.key, sealed.key, limited)
    },
    signal,
    parts.deadlineMs,
  )
  for (const { place, failure } of written) {
    if (failure !== undefined) noteState(known, place.name, 'failed', errorMessage(failure.error))
  }
  try {
    requireEnough(written, durableCopies, what)
    // What was read back is, byte for byte, what is opened here.
    if ((await seal.open(sealed)) !== plaintext) {
      throw new HoldfastError(
        'READ_BACK_DIFFERS',
        `cannot keep ${what}: what is opened differs from what was sealed; check this machine's memory`,
      )
    }
  } catch (error) {
    await discard(places, [names.data, names.key], signal)
    throw error
  }

  const entry: SnapshotEntry = {
    kind: 'snapshot',
    slot,
    participantId: content.participantId,
    keyset: content.keyset,
    keysetDigest: keysetDigest(content.keyset),
    provedGenuine,
    data: namedFile(names.data, sealed.data),
    key: namedFile(names.key, sealed.key),
    recipients: await seal.recipients(),
    identityId: seal.identityId,
    verifiedAtMs: Date.now(),
  }
  const { outcomes, link } = await append(parts, known, entry, held(written), [names.data, names.key], signal)
  known.remembered.pending = known.remembered.pending.filter((file) => file !== names.data && file !== names.key)
  const failed = written.filter(({ failure }) => failure !== undefined)
  requireEnough([...outcomes, ...failed], durableCopies, what)
  const sequence = link.manifest.sequence
  return snapshotOf(
    { sequence, entry, supersededAtMs: undefined },
    held(outcomes).map(({ name }) => name),
  )
}

function held(outcomes: readonly Outcome[]): Place[] {
  return outcomes.filter(({ failure }) => failure === undefined).map(({ place }) => place)
}

/** What did not become a snapshot takes no room. Whatever cannot be removed is harmless: no manifest names it. */
async function discard(places: readonly Place[], files: readonly string[], signal: AbortSignal): Promise<void> {
  await everywhere(
    places,
    places.length,
    async (place, limited) => {
      for (const file of files) await place.destroy(file, limited)
    },
    signal,
    DISCARD_MS,
  )
}

const DISCARD_MS = 2_000
