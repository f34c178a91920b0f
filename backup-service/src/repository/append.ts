import { errorMessage, HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { everywhere, type Outcome } from './everywhere.ts'
import { headName, keyIdOf } from './file-names.ts'
import { learn, noteState, rememberedOf, type Known, type Parts } from './known.ts'
import { isNamed, makeHead, makeLink, namedFile, type Entry, type Link } from './manifest.ts'

/**
 * Signs the next manifest of the chain and writes it, and then the head, to these places. It is kept by the service itself
 * first: a crash after that leaves a manifest that is written everywhere later, never two of one number.
 * @param alsoNamed files that the entry names: protected together with the manifest
 * @throws HoldfastError where the service's own copy cannot be written; a place's failure is an outcome
 */
export async function append(
  parts: Parts,
  known: Known,
  entry: Entry,
  places: readonly Place[],
  alsoNamed: readonly string[],
  signal: AbortSignal,
): Promise<{ link: Link; outcomes: Outcome[] }> {
  const { owner, signer, memory, durableCopies } = parts
  const before = known.ledger.newest
  const sequence = Math.max(before?.sequence ?? 0, known.remembered.highestHead) + 1
  const manifest = { sequence, previous: before?.hash ?? null, recordedAtMs: Date.now(), entry }
  const link = makeLink(owner, manifest, signer)
  await memory.keepNote(link.name, link.bytes)
  learn(known, [...known.links, link])

  const write = async (place: Place, limited: AbortSignal): Promise<void> => {
    await writeAndReadBack(place, link.name, link.bytes, limited)
    await writeHead(parts, place, link, limited)
    for (const file of [link.name, ...alsoNamed]) await place.protect(file, limited)
  }
  const outcomes = await everywhere(places, durableCopies, write, signal, parts.deadlineMs)
  for (const { place, failure } of outcomes) {
    if (failure !== undefined) noteState(known, place.name, 'failed', errorMessage(failure.error))
    else confirm(known, place.name, before?.sequence ?? 0, link)
  }
  return { link, outcomes }
}

/** Writes the signed word that this is the newest manifest. */
export function writeHead(
  { signer }: Pick<Parts, 'signer'>,
  place: Place,
  { manifest, hash }: Pick<Link, 'manifest' | 'hash'>,
  signal: AbortSignal,
): Promise<void> {
  const head = makeHead({ sequence: manifest.sequence, hash }, signer)
  return writeAndReadBack(place, headName(keyIdOf(signer.publicKey)), head, signal)
}

/** @throws HoldfastError `READ_BACK_DIFFERS`, and the place's own */
export async function writeAndReadBack(
  place: Place,
  file: string,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  await place.write(file, content, signal)
  if (isNamed(await place.read(file, signal), namedFile(file, content))) return
  throw new HoldfastError(
    'READ_BACK_DIFFERS',
    `cannot keep ${file} in ${place.name}: what was read back differs from what was written; check its disk`,
  )
}

/** A place that had everything before has everything again. */
function confirm(known: Known, name: string, previous: number, { manifest }: Link): void {
  const before = rememberedOf(known, name)
  const { sequence, entry } = manifest
  const isUpToDate = before.confirmed === previous && before.state !== 'failed'
  known.remembered.places.set(name, {
    ...before,
    confirmed: before.confirmed === previous ? sequence : before.confirmed,
    whole: entry.kind === 'snapshot' ? [...before.whole, sequence] : before.whole,
  })
  if (isUpToDate && (before.state === 'ok' || previous === 0)) noteState(known, name, 'ok', null)
  else noteState(known, name, 'behind', 'it lacks something older, which is being written')
}
