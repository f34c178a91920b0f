import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import type { Contents } from '@holdfast/backup-service/repository/repository.ts'
import type { Snapshot } from '@holdfast/backup-service/repository/snapshot.ts'
import { renderContents } from '../src/backup/render-contents.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const SLOT = `epoch-6-${'6'.repeat(32)}`
const REMOTE = 's3://a-bucket-with-a-long-name/alice/'
const place = { state: 'ok', sinceMs: NOW - 90_000, checkedAtMs: NOW - 5_000, reason: null } as const
const snapshot = { slot: SLOT, epochId: 6n, keys: [{}, {}], verifiedAtMs: NOW - 7_200_000, places: ['repository'] }

test('backup list - should fit 100 columns, and name the places that lack a snapshot and why', (t) => {
  const contents = {
    snapshots: [snapshot as unknown as Snapshot],
    places: [
      { ...place, place: 'repository' },
      { ...place, place: REMOTE, state: 'failed', checkedAtMs: 0, reason: `it says ${'word '.repeat(40)}`.trim() },
    ],
    damaged: [{ place: 'repository', kind: 'foreign', file: `${SLOT}.age`, reason: `it ${'is '.repeat(50)}`.trim() }],
  } satisfies Pick<Contents, 'snapshots' | 'places'> & { damaged: object[] }
  const text = stripVTControlCharacters(renderContents(contents as unknown as Contents, 100, NOW))
  for (const line of text.split('\n')) t.true(line.length <= 100, line)
  t.regex(text, /epoch-6-6{32} +6 +2 +2 h ago +- +1 of 2/)
  t.true(text.includes(`${SLOT} is not whole in ${REMOTE}`))
  t.regex(text, /s3:.* +failed +1 min ago +never/)
  t.regex(text, /1 file to look at:/)
})

test('backup list - should fit 80 columns, with ids that are whole enough to tell the snapshots apart', (t) => {
  const other = `epoch-6-${'6'.repeat(14)}${'7'.repeat(18)}`
  const contents = {
    snapshots: [SLOT, other].map((slot) => ({ ...snapshot, slot, supersededAtMs: NOW - 59 * 60_000 })),
    places: [{ ...place, place: 'repository' }],
    damaged: [],
  }
  const text = stripVTControlCharacters(renderContents(contents as unknown as Contents, 80, NOW))
  for (const line of text.split('\n')) t.true(line.length <= 80, line)
  t.regex(text, /^epoch-6-6{15} +6 +2 /m)
  t.regex(text, /^epoch-6-6{14}7 +6 +2 /m)
})
