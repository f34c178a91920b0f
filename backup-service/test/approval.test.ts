import test from 'ava'
import { approvalOf, type Approval, type ApprovalFacts, type RestoreAnswer } from '../src/approval/approval.ts'
import { key } from './support/views.ts'

const MINUTE = 60_000
const SEEN = 10 ** 12
const request = { destination: key(2), requestedAt: 7n }
const said = (verdict: RestoreAnswer['verdict'], changes: Partial<RestoreAnswer> = {}): RestoreAnswer => ({
  ...request,
  verdict,
  ...changes,
})
const facts = (policy: ApprovalFacts['policy'], ...answers: RestoreAnswer[]): ApprovalFacts => ({
  policy,
  firstSeenMs: SEEN,
  answers: { kind: 'read', answers },
})
const auto = { mode: 'auto' } as const
const hold = { mode: 'hold', minutes: 30 } as const
const held: Approval = { kind: 'held', untilMs: SEEN + 30 * MINUTE }

const table: [title: string, facts: ApprovalFacts, afterMs: number, expected: Approval][] = [
  ['go at once by policy auto', facts(auto), 0, { kind: 'granted', by: 'policy' }],
  ['be held at first', facts(hold), 0, held],
  ['be held until the last moment', facts(hold), 30 * MINUTE - 1, held],
  ['go once the time to say no is over', facts(hold), 30 * MINUTE, { kind: 'granted', by: 'waiting' }],
  ['go when a person says yes', facts(hold, said('approved')), 0, { kind: 'granted', by: 'person' }],
  ['be held when the yes was for another node', facts(hold, said('approved', { destination: key(3) })), 0, held],
  ['be held when the yes was for an earlier request', facts(hold, said('approved', { requestedAt: 6n })), 0, held],
  ['not go when a person says no', facts(hold, said('denied')), 0, { kind: 'denied' }],
  ['not go after the time either', facts(hold, said('denied')), 10 ** 9, { kind: 'denied' }],
  [
    'not go when the same node asks again after a no',
    facts(hold, said('denied', { requestedAt: 0n })),
    0,
    { kind: 'denied' },
  ],
  ['not go by policy auto after a no', facts(auto, said('denied')), 0, { kind: 'denied' }],
  ['be held after a no to another node', facts(hold, said('denied', { destination: key(3) })), 0, held],
  ['not go on a yes beside a no', facts(hold, said('approved'), said('denied')), 0, { kind: 'denied' }],
  [
    'not go where the answers cannot be read',
    { ...facts(auto), answers: { kind: 'unreadable', reason: 'torn' } },
    10 ** 9,
    { kind: 'unknown', reason: 'torn' },
  ],
  ['begin to wait where it was never seen', { ...facts(hold), firstSeenMs: undefined }, 0, held],
]
for (const [title, known, afterMs, expected] of table) {
  test(`approval - should ${title}`, (t) => {
    t.deepEqual(approvalOf(request, known, SEEN + afterMs), expected)
  })
}
