import test from 'ava'
import { followAlerts, SETTLE_MS, type Alert, type AlertBook, type Said } from '../src/notify/alert-book.ts'
import { REMIND_AFTER_MS } from '../src/notify/severity.ts'

const START = 10 ** 12
const MINUTE = 60_000
const alert = (changes: Partial<Alert> = {}): Alert => ({
  key: 'view-stale',
  severity: 'warning',
  title: 'the view is old',
  text: '300 s',
  graceMs: 0,
  ...changes,
})

/** Looks at conditions at the given minutes, and tells what was said at each. */
function story(looks: readonly [atMs: number, ...alerts: Alert[]][]): Said['kind'][][] {
  let book: AlertBook = []
  return looks.map(([atMs, ...alerts]) => {
    const followed = followAlerts(book, alerts, START + atMs)
    book = followed.book
    return followed.said.map(({ kind }) => kind)
  })
}

test('alert - should be told once while nothing about it changes, whatever its text says', (t) => {
  const looks = [0, 1, 2, 3].map((n): [number, Alert] => [n * MINUTE, alert({ text: `${n}` })])
  t.deepEqual(story(looks), [['opened'], [], [], []])
})

test('alert - should be told again when its severity or title changes', (t) => {
  const worse = alert({ severity: 'critical' })
  const other = alert({ severity: 'critical', title: 'the view is closed' })
  t.deepEqual(
    story([
      [0, alert()],
      [1, worse],
      [2, worse],
      [3, other],
    ]),
    [['opened'], ['changed'], [], ['changed']],
  )
})

test('alert - should wait for its grace, and never be told if it is over before', (t) => {
  const slow = alert({ graceMs: 5 * MINUTE })
  t.deepEqual(
    story([
      [0, slow],
      [5 * MINUTE - 1, slow],
      [5 * MINUTE, slow],
    ]),
    [[], [], ['opened']],
  )
  t.deepEqual(story([[0, slow], [4 * MINUTE], [5 * MINUTE, slow], [9 * MINUTE], [60 * MINUTE]]), [[], [], [], [], []])
})

test('alert - should be called over once it stayed away, and not when it came back before', (t) => {
  t.deepEqual(story([[0, alert()], [1_000], [1_000 + SETTLE_MS - 1], [1_000 + SETTLE_MS], [MINUTE * 9]]), [
    ['opened'],
    [],
    [],
    ['resolved'],
    [],
  ])
  t.deepEqual(story([[0, alert()], [1_000], [2_000, alert()], [1_000 + SETTLE_MS, alert()]]), [['opened'], [], [], []])
})

for (const severity of ['warning', 'critical', 'emergency'] as const) {
  test(`alert - should be repeated when it lasts, at ${severity} after its interval`, (t) => {
    const every = REMIND_AFTER_MS[severity]
    const lasting = alert({ severity })
    t.deepEqual(
      story([
        [0, lasting],
        [every - 1, lasting],
        [every, lasting],
        [every + 1, lasting],
        [2 * every, lasting],
      ]),
      [['opened'], [], ['reminder'], [], ['reminder']],
    )
  })
}

test('alert - should be told apart from another by its key', (t) => {
  const other = alert({ key: 'network' })
  t.deepEqual(
    story([
      [0, alert()],
      [1, alert(), other],
      [2, other],
      [2 + SETTLE_MS, other],
    ]),
    [['opened'], ['opened'], [], ['resolved']],
  )
})

test('alert - should say when it began and ended, as what it was', (t) => {
  const { book } = followAlerts([], [alert()], START)
  const gone = followAlerts(book, [], START + MINUTE)
  const { said } = followAlerts(gone.book, [], START + 2 * MINUTE)
  t.like(said[0], { kind: 'resolved', key: 'view-stale', severity: 'warning', title: 'over: the view is old' })
  t.regex(said[0]?.text ?? '', /from .*Z to .*Z/)
})
