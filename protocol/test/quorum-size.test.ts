import test from 'ava'
import { majorityOf, quorumFault } from '../src/rpc/quorum-size.ts'

test('the default quorum - should be a majority', (t) => {
  t.deepEqual([1, 2, 3, 4, 5].map(majorityOf), [1, 2, 2, 3, 3])
})

test('a quorum - should be refused exactly if a minority could form it, or nobody could', (t) => {
  for (const endpoints of [1, 2, 3, 4, 7]) {
    for (let quorum = -1; quorum <= endpoints + 2; quorum++) {
      const possible = quorum <= endpoints && quorum > endpoints / 2
      t.is(quorumFault(quorum, endpoints) === undefined, possible, `${quorum} of ${endpoints}`)
    }
  }
  for (const quorum of [1.5, Number.NaN]) t.not(quorumFault(quorum, 2), undefined)
})

test('a refused quorum - should be named with what is expected', (t) => {
  t.regex(quorumFault(1, 3) ?? '', /quorum of 1 with 3 endpoints is no majority.*expected 2 to 3; set another quorum/)
  t.regex(quorumFault(9, 2) ?? '', /quorum of 9 with 2 endpoints is more than there are: expected 2;/)
})
