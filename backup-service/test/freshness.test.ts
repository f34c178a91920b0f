import test from 'ava'
import { gradeOf, untilNextGrade, type Grade } from '../src/freshness/grade.ts'
import { permitOf, staleView, type Permit } from '../src/freshness/permit.ts'

const MINUTE = 60_000
const limits = { normalMs: 5 * MINUTE, closedMs: 30 * MINUTE }
const NOW = 10 ** 12

const ages: [ageMs: number, kind: Grade['kind']][] = [
  [0, 'normal'],
  [5 * MINUTE - 1, 'normal'],
  [5 * MINUTE, 'conservative'],
  [30 * MINUTE, 'conservative'],
  [30 * MINUTE + 1, 'closed'],
  [10 ** 11, 'closed'],
  [-(5 * MINUTE - 1), 'normal'],
  [-5 * MINUTE, 'conservative'],
  [-30 * MINUTE - 1, 'closed'],
]
for (const [ageMs, kind] of ages) {
  test(`grade - should be ${kind} at an age of ${ageMs} ms`, (t) => {
    const grade = gradeOf(NOW - ageMs, NOW, limits)
    t.deepEqual(grade, { kind: kind as 'normal', ageMs })
    const wait = untilNextGrade(grade, limits)
    if (wait === undefined) {
      t.true(kind === 'closed' || ageMs < 0)
      return
    }
    t.not(gradeOf(NOW - ageMs, NOW + wait, limits).kind, kind, 'it changes after that wait')
    t.is(gradeOf(NOW - ageMs, NOW + wait - 1, limits).kind, kind, 'and not before')
  })
}

test('grade - should be unseen without a view', (t) => {
  const grade = gradeOf(undefined, NOW, limits)
  t.deepEqual(grade, { kind: 'unseen' })
  t.is(untilNextGrade(grade, limits), undefined)
})

const permits: [Grade['kind'], fresh: Permit, underWay: Permit][] = [
  ['normal', 'act', 'act'],
  ['conservative', 'hold-back', 'act'],
  ['closed', 'hold-back', 'give-up'],
  ['unseen', 'hold-back', 'give-up'],
]
for (const [kind, fresh, underWay] of permits) {
  test(`permit - should be ${fresh} for new work and ${underWay} for what is under way on a view that is ${kind}`, (t) => {
    const grade = { kind, ageMs: 0 } as Grade
    t.is(permitOf(grade, false), fresh)
    t.is(permitOf(grade, true), underWay)
    t.is(staleView(grade, limits) !== undefined, kind === 'conservative' || kind === 'closed')
  })
}
