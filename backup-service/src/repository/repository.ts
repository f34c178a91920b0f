import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../ports.ts'
import { damageOf } from './damage-of.ts'
import { headName, keyIdOf } from './file-names.ts'
import type { PlacedFinding } from './findings.ts'
import { keepSnapshot } from './keep-snapshot.ts'
import { recall, rememberedOf, type Known, type Parts } from './known.ts'
import { makeHead } from './manifest.ts'
import { openSnapshot, readWhole } from './open-snapshot.ts'
import type { Incident, PlaceState } from './places-memory.ts'
import { planRetention, type LiveView, type RetentionPlan } from './retention.ts'
import type { SnapshotContent } from './snapshot-content.ts'
import { slotOf, snapshotOf, type ReceivedShares, type Snapshot } from './snapshot.ts'
import { compare, surveyPlace, type Comparison } from './survey.ts'
import { care, isDurable, isStray, type CareOrder, type CareResult } from './care.ts'

/** A file that cannot be used, or that is not as it should be: named to the operator. */
export type Damage = PlacedFinding

/** How one place is. */
export type PlaceReport = {
  place: string
  state: PlaceState
  /** Since when, and when it was last looked at; milliseconds. */
  sinceMs: number
  checkedAtMs: number
  /** Null where it is ok. */
  reason: string | null
}

export type Contents = {
  /** What can be opened, as far as can be told without opening it; oldest first. */
  snapshots: Snapshot[]
  damaged: Damage[]
  places: PlaceReport[]
  /** What was found earlier and may have been mended since; newest last. */
  incidents: Incident[]
  /** True where `maintain` would change something. */
  needsCare: boolean
}

/** @throws HoldfastError `SNAPSHOT_DAMAGED` from `read` where no place has it whole */
export type RepositoryFile = { name: string; read(signal: AbortSignal): Promise<Uint8Array> }

export type Repository = {
  /** Removes what writes on this machine left behind that a crash cut off. Once, before anything is stored. */
  sweep(): Promise<void>
  /**
   * Everything held. Reads what is on this machine; of other places it says how they were when they were last looked at.
   * @throws HoldfastError where the service's own copy of the chain cannot be read
   */
  contents(): Promise<Contents>
  /**
   * Parses and proves shares, seals them, writes them to every place, reads them back, opens and compares them, and only then
   * records them in the chain. At a crash anywhere the old snapshots are intact and the new one is whole or absent.
   * @throws HoldfastError `INVALID_KEYSHARE` `KEYSHARE_*` `READ_BACK_DIFFERS` `NOT_DURABLE` `PLACE_*`
   */
  store(received: ReceivedShares, signal: AbortSignal): Promise<Snapshot>
  /** Opens one snapshot for real, for nothing but to know that it can be. Errors as `load`. */
  check(snapshot: Snapshot, signal: AbortSignal): Promise<void>
  /** Decrypts and proves one snapshot. @throws HoldfastError `SNAPSHOT_DAMAGED` `SNAPSHOT_UNDECRYPTABLE` `KEYSHARE_*` */
  load(snapshot: Snapshot): Promise<SnapshotContent>
  /** Every file of the chain and of the snapshots that are held, each read from wherever it is whole. */
  files(signal: AbortSignal): Promise<RepositoryFile[]>
  /** What of this may go, and what the view shows for the first time. Changes nothing. */
  plan(view: LiveView, graceMs: number): Promise<RetentionPlan>
  /** Looks at every place, mends it, takes in what belongs here, lets go what is superseded. */
  maintain(order: CareOrder, signal: AbortSignal): Promise<CareResult>
}

const always = new AbortController().signal

/** The repository of one service: one chain of manifests, the same files in every place. Format: REPOSITORY.md. */
export function createRepository(parts: Parts): Repository {
  async function locked<T>(act: () => Promise<T>): Promise<T> {
    const lock = await parts.lock()
    try {
      return await act()
    } finally {
      lock.release()
    }
  }

  async function contents(): Promise<Contents> {
    const known = await recall(parts)
    const looks = await Promise.all(parts.places.map((place) => lookAt(parts, known, place)))
    const { pending, rejected } = known.remembered
    const unusable = new Set(rejected.keys())
    const holders = (sequence: number): string[] =>
      looks.filter(({ whole }) => whole.includes(sequence)).map(({ report }) => report.place)
    const others = [...known.ledger.held.values()].filter(({ entry }) => entry.identityId !== parts.seal.identityId)
    return {
      snapshots: [...known.ledger.held.values()]
        .filter((held) => !others.includes(held))
        .map((held) => snapshotOf(held, holders(held.sequence)))
        .filter(({ places }) => places.length > 0)
        .toSorted((a, b) => a.sequence - b.sequence),
      damaged: [
        ...known.findings.map((finding) => ({ ...finding, place: 'home' })),
        ...looks.flatMap(({ damaged }) => damaged),
        ...others.map(({ entry }) => sealedForAnother(entry.data.file, entry.recipients)),
      ],
      places: looks.map(({ report }) => report),
      incidents: known.remembered.incidents,
      needsCare:
        pending.length > 0 ||
        known.findings.length > 0 ||
        known.ledger.shreds.some(({ receipt }) => receipt === undefined) ||
        looks.some(({ candidates, isWanting }) => isWanting || candidates.some((file) => !unusable.has(file))),
    }
  }

  async function store(received: ReceivedShares, signal: AbortSignal): Promise<Snapshot> {
    const { parseReceived, proveContent } = await import('./snapshot-content.ts')
    signal.throwIfAborted()
    const content = parseReceived(received)
    const provedGenuine = proveContent(content)
    return locked(async () => {
      const known = await recall(parts)
      const replaced = await damageOf(parts, known, slotOf(parts.owner, content.keyset, content.participantId), signal)
      try {
        const snapshot = await keepSnapshot(parts, known, content, provedGenuine, signal)
        known.remembered.incidents.push(...replaced)
        return snapshot
      } finally {
        await parts.memory.keepPlaces(known.remembered).catch(() => undefined)
      }
    })
  }

  async function load(snapshot: Snapshot): Promise<SnapshotContent> {
    return (await openSnapshot(parts, snapshot, always)).content
  }

  return {
    sweep: () =>
      locked(async () => {
        await parts.memory.sweep()
        // A place that cannot be swept is named by whoever looks at it next.
        for (const place of parts.places) if (place.isLocal) await place.sweep(always).catch(() => undefined)
      }),
    contents,
    store,
    load,
    async check(snapshot, signal) {
      signal.throwIfAborted()
      const { content } = await openSnapshot(parts, snapshot, signal)
      for (const { privateShare } of content.keyshares) privateShare.fill(0)
    },
    async files() {
      const { links, ledger } = await recall(parts)
      const newest = links.at(-1)
      const keyId = keyIdOf(parts.signer.publicKey)
      const notes: [string, Uint8Array][] = links.map(({ name, bytes }) => [name, bytes])
      if (newest !== undefined) {
        const { manifest, hash } = newest
        notes.push([headName(keyId), makeHead({ sequence: manifest.sequence, hash }, parts.signer)])
      }
      const named = [...ledger.held.values()].flatMap(({ entry }) => [entry.data, entry.key])
      return [
        ...notes.map(([name, bytes]) => ({ name, read: async () => bytes })),
        ...named.map((file) => ({ name: file.file, read: (signal: AbortSignal) => readWhole(parts, file, signal) })),
      ]
    },
    async plan(view, graceMs) {
      const known = await recall(parts)
      return planRetention(known.ledger, view, graceMs, (held) => isDurable(parts, known, held))
    },
    maintain: (order, signal) => locked(() => care(parts, order, signal)),
  }
}

type Look = {
  report: PlaceReport
  whole: number[]
  damaged: Damage[]
  candidates: string[]
  /** True where it lacks or has something that `maintain` would change. */
  isWanting: boolean
}

/** A place of this machine is looked at now; of another one it is said what was found last. */
async function lookAt(parts: Parts, known: Known, place: Place): Promise<Look> {
  const { state, sinceMs, checkedAtMs, reason, whole, confirmed } = rememberedOf(known, place.name)
  const report = { place: place.name, state, sinceMs, checkedAtMs, reason }
  if (!place.isLocal) return { report, whole, damaged: [], candidates: [], isWanting: state !== 'ok' }
  const { owner, signer } = parts
  const expectation = { owner, publicKey: signer.publicKey, links: known.links, ledger: known.ledger }
  try {
    const survey = await surveyPlace(place, expectation, true, always)
    return describe(known, place, compare(survey, expectation, confirmed), report)
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    return {
      report: { ...report, ...changed(report, 'failed'), reason: error.message },
      whole: [],
      damaged: [],
      candidates: [],
      isWanting: true,
    }
  }
}

function describe(known: Known, place: Place, comparison: Comparison, report: PlaceReport): Look {
  const { rejected, foreignKeys } = known.remembered
  const open = comparison.findings.filter(({ kind, file }) => !isStray(known, kind, file))
  const [first] = open
  const isBehind = open.every(({ kind }) => kind === 'behind')
  // What it lacks could not be written, and why is known: that it lacks it says less.
  const isRefusing = first !== undefined && isBehind && report.state === 'failed'
  const state = first === undefined ? 'ok' : isBehind && !isRefusing ? 'behind' : 'failed'
  const unusable = comparison.candidates.flatMap((file): Damage[] => {
    const reason = rejected.get(file)
    return reason === undefined ? [] : [{ kind: 'unusable-file', place: place.name, file, reason }]
  })
  const named = comparison.findings.filter(
    ({ kind, file }) => kind !== 'behind' && !(kind === 'foreign-chain' && foreignKeys.has(file)),
  )
  return {
    report: {
      ...report,
      ...changed(report, state),
      ...(!isRefusing && { reason: first === undefined ? null : `${first.file}: ${first.reason}` }),
    },
    whole: comparison.whole,
    damaged: [...named.map((finding) => ({ ...finding, place: place.name })), ...unusable],
    candidates: comparison.candidates,
    isWanting: open.length > 0 || named.some(({ kind }) => kind === 'foreign-chain'),
  }
}

function changed(before: PlaceReport, state: PlaceState): Pick<PlaceReport, 'state' | 'sinceMs' | 'checkedAtMs'> {
  const nowMs = Date.now()
  return { state, checkedAtMs: nowMs, sinceMs: before.state === state ? before.sinceMs : nowMs }
}

function sealedForAnother(file: string, recipients: readonly string[]): Damage {
  return {
    kind: 'other-identity',
    place: 'every place',
    file,
    reason:
      `the snapshot ${file} opens with another age identity than the present one: it is sealed for ` +
      `${recipients.map((recipient) => `${recipient.slice(0, 32)}…`).join(', ')}; put that identity back and start again`,
  }
}
