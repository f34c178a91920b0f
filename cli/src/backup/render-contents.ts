import { stripVTControlCharacters, styleText } from 'node:util'
import { NOT_PROVABLE } from '@holdfast/backup-service/proof-words.ts'
import type { Contents, PlaceReport } from '@holdfast/backup-service/repository/repository.ts'
import type { Snapshot } from '@holdfast/backup-service/repository/snapshot.ts'
import { printableIn } from '@holdfast/protocol/printable.ts'
import { ago } from '../terminal/age.ts'
import { counted } from '../terminal/plural.ts'
import { renderTable } from '../terminal/table.ts'
import { wrapText } from '../terminal/wrap.ts'
import { isoTime } from './repository-json.ts'

const COLOURS = { ok: 'green', behind: 'yellow', failed: 'red' } as const

/**
 * What a repository holds, for a person: snapshots, places, and what is to be looked at. Times as ages: show has the moments.
 * Nothing is wider than `columns` but a table with a place's name longer than any should be: where whole ids are too wide, it has
 * their starts, which show takes as well.
 */
export function renderContents(
  contents: Pick<Contents, 'snapshots' | 'places' | 'damaged'>,
  columns: number,
  nowMs: number,
): string {
  const { snapshots, places, damaged } = printableIn(contents)
  const age = (ms: number | undefined): string => (ms === undefined ? '-' : ago(isoTime(ms), nowMs))
  const snapshotTable = (ids: readonly string[]): string =>
    renderTable(
      ['snapshot', 'epoch', 'domains', 'stored', 'superseded', 'whole in'],
      snapshots.map(({ epochId, keys, verifiedAtMs, supersededAtMs, places: holders }, index) => [
        ids[index] ?? '',
        String(epochId),
        String(keys.length),
        age(verifiedAtMs),
        age(supersededAtMs),
        holders.length === places.length ? 'all' : `${holders.length} of ${places.length}`,
      ]),
    )
  const slots = snapshots.map(({ slot }) => slot)
  const placeRows = places.map(({ place, state, sinceMs, checkedAtMs }) => [
    place,
    styleText(COLOURS[state], state),
    age(sinceMs),
    checkedAtMs === 0 ? 'never' : age(checkedAtMs),
  ])
  const notes = [...unproved(snapshots), ...lackingPlaces(snapshots, places), ...reasons(places)]
  return [
    snapshots.length === 0
      ? 'The repository holds no snapshot.'
      : fitting(snapshotTable(slots), columns, () => snapshotTable(startsOf(slots))),
    '',
    renderTable(['place', 'state', 'since', 'looked at'], placeRows),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => wrapText(note, columns, '  '))]),
    ...(damaged.length === 0 ? [] : ['', `${counted(damaged.length, 'file')} to look at:`]),
    ...damaged.map(({ place, kind, file, reason }) =>
      wrapText(`  ${place}: ${file}: ${kind}: ${reason}`, columns, '    '),
    ),
  ].join('\n')
}

function fitting(text: string, columns: number, shorter: () => string): string {
  const isTooWide = stripVTControlCharacters(text)
    .split('\n')
    .some((line) => line.length > columns)
  return isTooWide ? shorter() : text
}

/** Each id up to so many digits of its digest that no two are alike. */
function startsOf(slots: readonly string[]): string[] {
  for (let digits = FEWEST_DIGITS; ; digits++) {
    const starts = slots.map((slot) => slot.slice(0, slot.lastIndexOf('-') + 1 + digits))
    if (new Set(starts).size === new Set(slots).size) return starts
  }
}

const FEWEST_DIGITS = 12

function unproved(snapshots: readonly Snapshot[]): string[] {
  return snapshots.flatMap(({ slot, provedGenuine }) => (provedGenuine ? [] : [`${slot}: ${NOT_PROVABLE}`]))
}

function lackingPlaces(snapshots: readonly Snapshot[], places: readonly PlaceReport[]): string[] {
  return snapshots.flatMap(({ slot, places: holders }) => {
    const lacking = places.filter(({ place }) => !holders.includes(place)).map(({ place }) => place)
    return lacking.length === 0 ? [] : [`${slot} is not whole in ${lacking.join(', ')}`]
  })
}

function reasons(places: readonly PlaceReport[]): string[] {
  return places.flatMap(({ place, reason }) => (reason === null ? [] : [`${place}: ${reason}`]))
}
