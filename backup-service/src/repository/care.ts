import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { append } from './append.ts'
import { readChain } from './chain.ts'
import { everywhere } from './everywhere.ts'
import { headName, keyIdOf } from './file-names.ts'
import { isIncident, type Finding } from './findings.ts'
import { learn, noteState, recall, rememberedOf, type Known, type Parts } from './known.ts'
import type { Held } from './ledger.ts'
import { parseHead } from './manifest.ts'
import { mendPlace, type Mending } from './mend.ts'
import type { Incident } from './places-memory.ts'
import { planRetention, type LiveView } from './retention.ts'
import { beginShredding, carryOutShredding } from './shred.ts'
import { compare, surveyPlace, type Survey } from './survey.ts'
import { sealForAll, takeOver } from './take-over.ts'

export type CareOrder = {
  /** Read every file instead of comparing sizes only. */
  deep: boolean
  /** Try again what could not be taken over before. */
  fresh: boolean
  /** What the contract shows. Without it nothing is marked as superseded and nothing goes. */
  view: LiveView | undefined
  /** Whether snapshots whose time is over are destroyed now, and how long they stay. */
  prune: boolean
  graceMs: number
}

export type CareResult = {
  /** Found for the first time. */
  incidents: Incident[]
  /** Slots of snapshots that were recorded anew, and that were given up. */
  takenOver: string[]
  shredded: string[]
  /** Why destroying is not finished, per place. */
  unfinished: string[]
}

/** Looking at a place and mending it may take longer than writing one snapshot there. */
const CARE_DEADLINE_MS = 120_000

/**
 * Looks at every place, mends what can be mended, takes in what belongs to this operator, and lets go what the contract has
 * superseded for long enough. Under the lock. A place that fails is noted and passed over.
 */
export async function care(parts: Parts, order: CareOrder, signal: AbortSignal): Promise<CareResult> {
  await parts.memory.sweep()
  const known = await recall(parts)
  if (order.fresh) known.remembered.rejected.clear()
  const surveys = await surveyAll(parts, known, order.deep, signal)
  await completeMemory(parts, known, surveys)
  const found = findingsIn(parts, known, surveys)
  await removePending(parts, known, signal)

  const takenOver = [
    ...(await takeOver(parts, known, candidatesIn(parts, known, surveys), signal)),
    ...(await sealForAll(parts, known, signal)),
  ]
  const shredded = await retain(parts, known, order, signal)
  const unfinished = await carryOutShredding(parts, known, signal)
  const incidents = await mendAll(parts, known, surveys, found, signal)
  known.remembered.incidents.push(...incidents)
  await parts.memory.keepPlaces(known.remembered)
  return { incidents, takenOver, shredded, unfinished }
}

type Surveys = Map<Place, Survey>

async function surveyAll(parts: Parts, known: Known, deep: boolean, signal: AbortSignal): Promise<Surveys> {
  const { owner, signer, places } = parts
  const surveys: Surveys = new Map()
  const expectation = { owner, publicKey: signer.publicKey, links: known.links, ledger: known.ledger }
  const outcomes = await everywhere(
    places,
    places.length,
    async (place, limited) => {
      await place.sweep(limited)
      surveys.set(place, await surveyPlace(place, expectation, deep || place.isLocal, limited))
    },
    signal,
    CARE_DEADLINE_MS,
  )
  for (const { place, failure } of outcomes) {
    if (failure !== undefined) noteState(known, place.name, 'failed', errorMessage(failure.error))
  }
  return surveys
}

/** Manifests that a place has and this service forgot: its home was put back from a copy, or a file of it is damaged. */
async function completeMemory(parts: Parts, known: Known, surveys: Surveys): Promise<void> {
  const { owner, signer, memory } = parts
  const notes = new Map(known.links.map(({ name, bytes }) => [name, bytes]))
  const headFile = headName(keyIdOf(signer.publicKey))
  for (const { notes: found } of surveys.values()) {
    for (const [name, bytes] of found) if (!notes.has(name)) notes.set(name, bytes)
    known.remembered.highestHead = Math.max(known.remembered.highestHead, headIn(found.get(headFile)))
  }
  const own = new Set(known.links.map(({ name }) => name))
  const chain = readChain(owner, signer.publicKey, notes, own)
  for (const { name, bytes } of chain.links) if (!own.has(name)) await memory.keepNote(name, bytes)
  learn(known, chain.links)

  function headIn(content: Uint8Array | undefined): number {
    if (content === undefined) return 0
    try {
      return parseHead(content, signer.publicKey, 'the head').sequence
    } catch {
      return 0
    }
  }
}

/** What a crash of this very service left without a manifest. */
async function removePending(parts: Parts, known: Known, signal: AbortSignal): Promise<void> {
  const named = new Set(
    known.links.flatMap(({ manifest: { entry } }) =>
      entry.kind === 'snapshot' ? [entry.data.file, entry.key.file] : [],
    ),
  )
  const leftovers = known.remembered.pending.filter((file) => !named.has(file))
  const outcomes = await everywhere(
    parts.places,
    parts.places.length,
    async (place, limited) => {
      for (const file of leftovers) await place.destroy(file, limited)
    },
    signal,
    parts.deadlineMs,
  )
  known.remembered.pending = outcomes.every(({ failure }) => failure === undefined) ? [] : leftovers
}

function candidatesIn(parts: Parts, known: Known, surveys: Surveys): Map<string, Place> {
  const candidates = new Map<string, Place>()
  for (const [place, survey] of surveys) {
    for (const file of comparisonOf(parts, known, place, survey).candidates) {
      if (!known.remembered.pending.includes(file) && !candidates.has(file)) candidates.set(file, place)
    }
  }
  return candidates
}

/** Writes down what the contract shows of snapshots, and gives up those whose time is over. */
async function retain(parts: Parts, known: Known, order: CareOrder, signal: AbortSignal): Promise<string[]> {
  const { view, prune, graceMs } = order
  if (view === undefined) return []
  const plan = planRetention(known.ledger, view, graceMs, (held) => isDurable(parts, known, held))
  if (plan.superseded.length + plan.liveAgain.length > 0) {
    const { blockHeight, blockTimeMs } = view
    const { superseded, liveAgain } = plan
    const entry = { kind: 'retention', blockHeight, blockTimeMs, superseded, liveAgain } as const
    await append(parts, known, entry, parts.places, [], signal)
  }
  if (!prune) return []
  const due = [...plan.fates].flatMap(([slot, fate]) =>
    fate.kind === 'due' ? [{ slot, at: fate.supersededAtMs }] : [],
  )
  if (due.length === 0) return []
  const slots = due.map(({ slot }) => slot)
  await beginShredding(parts, known, slots, Math.max(...due.map(({ at }) => at)), signal)
  return slots
}

/** Whether enough places are known to hold a snapshot whole. */
export function isDurable({ places, durableCopies }: Parts, known: Known, { sequence }: Held): boolean {
  const holders = places.filter(({ name }) => rememberedOf(known, name).whole.includes(sequence))
  return holders.length >= durableCopies
}

/** As they were before anything was written: a new head would hide that the old one named what is nowhere. */
function findingsIn(parts: Parts, known: Known, surveys: Surveys): Map<Place, Finding[]> {
  return new Map([...surveys].map(([place, survey]) => [place, comparisonOf(parts, known, place, survey).findings]))
}

async function mendAll(
  parts: Parts,
  known: Known,
  before: Surveys,
  found: ReadonlyMap<Place, Finding[]>,
  signal: AbortSignal,
): Promise<Incident[]> {
  const incidents: Incident[] = []
  const places = parts.places.filter((place) => before.has(place))
  const outcomes = await everywhere(
    places,
    places.length,
    async (place, limited) => {
      const { owner, signer } = parts
      const expectation = { owner, publicKey: signer.publicKey, links: known.links, ledger: known.ledger }
      // Anew: what was appended and destroyed meanwhile is there by now.
      const survey = await surveyPlace(place, expectation, place.isLocal, limited)
      for (const [name, file] of before.get(place)?.files ?? []) {
        const now = survey.files.get(name)
        if (now !== undefined && now.sha256 === undefined && now.bytes === file.bytes) survey.files.set(name, file)
      }
      const comparison = comparisonOf(parts, known, place, survey)
      const mendings = await mendPlace(parts, known, place, survey, comparison.findings, limited)
      const after = comparisonOf(parts, known, place, await surveyPlace(place, expectation, place.isLocal, limited))
      const gone = (found.get(place) ?? [])
        .filter((finding) => !mendings.some((mending) => isSame(mending.finding, finding)))
        .map((finding) => ({ finding, mended: !after.findings.some((open) => isSame(open, finding)) }))
      incidents.push(...incidentsOf(known, place, [...mendings, ...gone]))
      settle(known, place, after.findings, after.whole, mendings)
    },
    signal,
    CARE_DEADLINE_MS,
  )
  for (const { place, failure } of outcomes) {
    if (failure !== undefined) noteState(known, place.name, 'failed', errorMessage(failure.error))
  }
  return incidents
}

function comparisonOf({ owner, signer }: Parts, known: Known, place: Place, survey: Survey) {
  const expectation = { owner, publicKey: signer.publicKey, links: known.links, ledger: known.ledger }
  return compare(survey, expectation, rememberedOf(known, place.name).confirmed)
}

function isSame(one: Finding, two: Finding): boolean {
  return one.kind === two.kind && one.file === two.file
}

/** Once each: a file that was named and stays as it is would otherwise be named for ever. */
function incidentsOf(known: Known, place: Place, mendings: readonly Omit<Mending, 'failure'>[]): Incident[] {
  const { remembered } = known
  return mendings.flatMap(({ finding, mended }): Incident[] => {
    if (finding.kind === 'foreign-chain') {
      if (remembered.foreignKeys.has(finding.file)) return []
      remembered.foreignKeys.add(finding.file)
    } else if (!isIncident(finding)) {
      return []
    }
    const isKnown = remembered.incidents.some(
      (known) =>
        !known.mended && known.place === place.name && known.file === finding.file && known.kind === finding.kind,
    )
    return isKnown && !mended ? [] : [{ ...finding, place: place.name, atMs: Date.now(), mended }]
  })
}

function settle(
  known: Known,
  place: Place,
  findings: readonly Finding[],
  whole: number[],
  mendings: readonly Mending[],
): void {
  const open = findings.filter(({ kind, file }) => !isStray(known, kind, file))
  const newest = known.ledger.newest?.sequence ?? 0
  const failure = mendings.find(({ failure }) => failure !== undefined)?.failure
  const isChainWhole = open.every(({ kind }) => kind === 'file-missing' || kind === 'file-damaged')
  known.remembered.places.set(place.name, {
    ...rememberedOf(known, place.name),
    whole,
    ...(isChainWhole && { confirmed: newest }),
  })
  const [first] = open
  if (first === undefined) noteState(known, place.name, 'ok', null)
  else if (failure !== undefined) noteState(known, place.name, 'failed', failure)
  else noteState(known, place.name, first.kind === 'behind' ? 'behind' : 'failed', `${first.file}: ${first.reason}`)
}

/** What stands in a place beside what this service put there, and does it no harm. */
export function isStray({ links, ledger }: Known, kind: Finding['kind'], file: string): boolean {
  if (kind === 'foreign-chain' || kind === 'other-identity' || kind === 'unusable-file') return true
  if (!file.startsWith('manifest-')) return false
  return ledger.newest !== undefined && links.every(({ name }) => name !== file)
}
