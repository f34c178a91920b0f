import * as v from 'valibot'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { FINDING_KINDS, type PlacedFinding } from './findings.ts'

/**
 * - `ok`: it has everything.
 * - `behind`: it can be used and lacks something, which is being written.
 * - `failed`: it cannot be used, or what it holds was tampered with and could not be mended.
 */
export const PLACE_STATES = ['ok', 'behind', 'failed'] as const
export type PlaceState = (typeof PLACE_STATES)[number]

/** What the service remembers of one place. */
export type PlaceMemory = {
  state: PlaceState
  /** Since when it is in this state, and when it was last looked at; milliseconds. */
  sinceMs: number
  checkedAtMs: number
  reason: string | null
  /** The newest manifest that was read back there. */
  confirmed: number
  /** Numbers of the manifests whose snapshots it held whole at the last look. */
  whole: number[]
}

/** A finding that a fault or somebody's hand explains. It stays known after it was mended. */
export type Incident = PlacedFinding & { atMs: number; mended: boolean }

export type PlacesMemory = {
  places: Map<string, PlaceMemory>
  /** Newest last. */
  incidents: Incident[]
  /** Files that have a snapshot's name and could not be taken over, and why. */
  rejected: Map<string, string>
  /** Ids of other keys whose chains have been looked at. */
  foreignKeys: Set<string>
  /** The highest number that a head of this service has named: a number that is taken, even where its manifest is lost. */
  highestHead: number
  /** Files that are being written and that no manifest names yet: after a crash, leftovers of this service's own. */
  pending: string[]
}

/** The name of the file, beside the service's own copy of the chain. */
export const PLACES_FILE = 'places.json'
const MOST_INCIDENTS = 100
const MOST_REJECTED = 1_000

const FORMAT = 'holdfast/places/1'
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const schema = v.object({
  format: v.literal(FORMAT),
  places: v.record(
    v.string(),
    v.object({
      state: v.picklist(PLACE_STATES),
      sinceMs: count,
      checkedAtMs: count,
      reason: v.nullable(v.string()),
      confirmed: count,
      whole: v.array(count),
    }),
  ),
  incidents: v.array(
    v.object({
      kind: v.picklist(FINDING_KINDS),
      place: v.string(),
      file: v.string(),
      reason: v.string(),
      atMs: count,
      mended: v.boolean(),
    }),
  ),
  rejected: v.record(v.string(), v.string()),
  foreignKeys: v.array(v.string()),
  highestHead: count,
  pending: v.array(v.string()),
})

export function noMemory(): PlacesMemory {
  return { places: new Map(), incidents: [], rejected: new Map(), foreignKeys: new Set(), highestHead: 0, pending: [] }
}

/** Reads it. One that is damaged is none: every place is then looked at afresh. */
export function parsePlacesMemory(text: string): PlacesMemory {
  const result = v.safeParse(schema, tryParse(text))
  if (!result.success) return noMemory()
  const { places, incidents, rejected, foreignKeys, highestHead, pending } = result.output
  return {
    places: new Map(Object.entries(places)),
    incidents,
    rejected: new Map(Object.entries(rejected)),
    foreignKeys: new Set(foreignKeys),
    highestHead,
    pending,
  }
}

export function serializePlacesMemory(memory: PlacesMemory): string {
  const { places, incidents, rejected, foreignKeys, highestHead, pending } = memory
  const json = {
    format: FORMAT,
    places: Object.fromEntries(places),
    incidents: incidents.slice(-MOST_INCIDENTS),
    rejected: Object.fromEntries([...rejected].slice(-MOST_REJECTED)),
    foreignKeys: [...foreignKeys],
    highestHead,
    pending,
  }
  return `${stringifyJson(json, 1)}\n`
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text, PLACES_FILE)
  } catch {
    return undefined
  }
}
