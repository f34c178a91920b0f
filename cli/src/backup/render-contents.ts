import { styleText } from 'node:util'
import type { Contents } from '@holdfast/backup-service/repository/repository.ts'
import { counted } from '../terminal/plural.ts'
import { renderTable } from '../terminal/table.ts'
import { isoTime } from './repository-json.ts'

const COLOURS = { ok: 'green', behind: 'yellow', failed: 'red' } as const

/** What a repository holds, for a person: snapshots, places, and what is to be looked at. */
export function renderContents({ snapshots, places, damaged }: Contents): string {
  const snapshotRows = snapshots.map(({ slot, epochId, keys, verifiedAtMs, supersededAtMs, places: holders }) => [
    slot,
    String(epochId),
    String(keys.length),
    isoTime(verifiedAtMs),
    supersededAtMs === undefined ? '-' : isoTime(supersededAtMs),
    holders.join(', '),
  ])
  const placeRows = places.map(({ place, state, sinceMs, checkedAtMs, reason }) => [
    place,
    styleText(COLOURS[state], state),
    isoTime(sinceMs),
    checkedAtMs === 0 ? 'never' : isoTime(checkedAtMs),
    reason ?? '',
  ])
  return [
    snapshots.length === 0
      ? 'The repository holds no snapshot.'
      : renderTable(['snapshot', 'epoch', 'domains', 'verified at', 'superseded since', 'whole in'], snapshotRows),
    '',
    renderTable(['place', 'state', 'since', 'looked at', ''], placeRows),
    ...(damaged.length === 0 ? [] : ['', `${counted(damaged.length, 'file')} to look at:`]),
    ...damaged.map(({ place, kind, file, reason }) => `  ${place}: ${file}: ${kind}: ${reason}`),
  ].join('\n')
}
