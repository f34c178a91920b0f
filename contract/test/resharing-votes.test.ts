import test from 'ava'
import { ed25519Key } from './support/keys.ts'
import { concludeMigration, startMigration } from './support/migrating.ts'
import { conclude, recover } from './support/recovering.ts'
import { candidacy, proposalFor, resharing, submitCandidate, vote } from './support/resharing.ts'
import { domain, fresh, generateKeys, initializing, type Json, operator, running, type World } from './support/world.ts'

/** Who may propose what, and whose votes count: vote_new_parameters up to the moment when the resharing begins. */
test('vote_new_parameters - should enter Resharing when every participant of the proposal has voted for it', (t) => {
  const world = running()
  submitCandidate(world, 3)
  const args = proposalFor(world, { add: [3], threshold: 3, thresholds: { 1: 3 } })
  for (const i of [0, 1, 2]) {
    t.like(vote(world, i, args).events, [
      { event: 'parameters_voted', data: { account_id: operator(i), epoch_id: 1 } },
    ] as never)
  }
  t.is(world.kind(), 'Running')
  const { events } = vote(world, 3, args)
  t.deepEqual(
    events.map(({ event }) => event),
    ['parameters_voted', 'resharing_started'],
  )
  t.deepEqual(events[1]!.data, {
    epoch_id: 1,
    threshold: 3,
    joining: [operator(3)],
    leaving: [],
    recoveries_dropped: 0,
  })
  t.is(world.kind(), 'Resharing')
  const body = world.body()
  t.deepEqual(body.reshared_keys, [])
  t.deepEqual(body.cancellation_requests, [])
  t.deepEqual(body.per_domain_thresholds, { 1: 3 })
  t.is(body.resharing_key.epoch_id, 1)
  t.deepEqual(body.resharing_key.domain, domain(0), 'with the threshold it still has, as near/mpc')
  t.is(body.resharing_key.parameters.threshold, 3)
  t.deepEqual(body.resharing_key.parameters.participants.participants[3], [
    operator(3),
    3,
    { ...candidacy(3), incarnation: 0 },
  ])
  t.is(body.previous_running_state.parameters.participants.participants.length, 3)
  t.deepEqual(body.previous_running_state.parameters_votes, { proposal_by_account: {} })
})

test('vote_new_parameters - should show each account’s vote as near/mpc does, and replace it by a later one', (t) => {
  const world = running()
  const one = proposalFor(world, { threshold: 3 })
  const other = proposalFor(world, { thresholds: { 0: 2 } })
  vote(world, 0, one)
  vote(world, 1, one)
  t.deepEqual(world.body().parameters_votes.proposal_by_account, {
    [operator(0)]: one.proposal,
    [operator(1)]: one.proposal,
  })
  vote(world, 0, other)
  t.deepEqual(world.body().parameters_votes.proposal_by_account, {
    [operator(0)]: other.proposal,
    [operator(1)]: one.proposal,
  })
  vote(world, 1, other)
  const stored = [...world.storage.keys()].filter((key) => key.startsWith('p:'))
  t.is(stored.length, 1, 'a proposal without voters is no longer stored')
  vote(world, 2, one)
  t.is(world.kind(), 'Running')
  vote(world, 2, other)
  t.is(world.kind(), 'Resharing')
  t.false([...world.storage.keys()].some((key) => key.startsWith('p:')))
})

test('vote_new_parameters - should change nothing when it is repeated', (t) => {
  const world = running()
  const args = proposalFor(world)
  vote(world, 0, args)
  const before = [...world.storage]
  t.like(vote(world, 0, args), { refused: null, events: [] })
  t.deepEqual([...world.storage], before)
})

test('vote_new_parameters - should take a vote for the same proposal in another form for the same', (t) => {
  const world = running()
  const args = proposalFor(world, { thresholds: { 0: 2, 1: 2 } })
  vote(world, 0, args)
  const withoutIncarnations = structuredClone(args)
  for (const [, , info] of withoutIncarnations.proposal.parameters.participants.participants) delete info.incarnation
  vote(world, 1, withoutIncarnations)
  const reordered = JSON.stringify(args).replace('{"0":2,"1":2}', '{ "1": 2, "0": 2 }')
  t.is(world.callText({ account: operator(2) }, 'vote_new_parameters', reordered).refused, null)
  t.is(world.kind(), 'Resharing')
})

test('vote_new_parameters - should let newcomers vote only after threshold present participants have', (t) => {
  const world = running(3, 2)
  submitCandidate(world, 3)
  const args = proposalFor(world, { add: [3], threshold: 3 })
  t.is(vote(world, 3, args).code, 'VOTE_TOO_EARLY')
  vote(world, 0, args)
  t.regex(vote(world, 3, args).refused!, /once 2 present participants have voted for the proposal, found 1/)
  vote(world, 1, args)
  t.is(vote(world, 3, args).code, null)
  t.is(world.kind(), 'Running')
  vote(world, 2, args)
  t.is(world.kind(), 'Resharing')
})

test('vote_new_parameters - should count no vote for another proposal towards a newcomer’s', (t) => {
  const world = running(3, 2)
  submitCandidate(world, 3)
  const wanted = proposalFor(world, { add: [3], threshold: 3 })
  const other = proposalFor(world, { add: [3], threshold: 4 })
  vote(world, 0, wanted)
  vote(world, 1, other)
  t.is(vote(world, 3, wanted).code, 'VOTE_TOO_EARLY')
})

test('vote_new_parameters - should be for participants of the proposal', (t) => {
  const world = running(5, 3)
  const args = proposalFor(world, { remove: [4] })
  t.is(vote(world, 4, args).code, 'NOT_PARTICIPANT', 'who is to leave has no say')
  t.is(world.call({ account: 'eve.near' }, 'vote_new_parameters', args).code, 'NOT_PARTICIPANT')
})

test('vote_new_parameters - should be possible in Running and Recovery only', (t) => {
  const args = proposalFor(running())
  t.is(vote(initializing([domain(0)]), 0, { ...args, prospective_epoch_id: 1 }).code, 'WRONG_STATE')
  t.is(vote(resharing(running()), 0, args).code, 'WRONG_STATE', 'no new proposal while resharing: cancel first')
  const world = running()
  recover(world, 1)
  t.is(vote(world, 0, proposalFor(world)).code, null)
})

/** A proposal with one thing wrong, from five participants with threshold 3 and candidates 5 and 6. */
const refused = test.macro({
  exec(t, _what: string, spoil: (args: Json) => unknown, code: string) {
    const world = running(5, 3)
    submitCandidate(world, 5)
    submitCandidate(world, 6)
    const args = proposalFor(world, { add: [5, 6], threshold: 5 })
    const spoilt = spoil(args) ?? args
    const before = [...world.storage]
    t.is(vote(world, 0, spoilt).code, code)
    t.deepEqual([...world.storage], before)
  },
  title: (_, what, _spoil, code) => `vote_new_parameters - should refuse ${what} with ${code}`,
})
const members = (args: Json): [string, number, Json][] => args.proposal.parameters.participants.participants
test(refused, 'no epoch', ({ proposal }) => ({ proposal }), 'MISSING_ARGUMENT')
test(refused, 'the live epoch', (args) => void (args.prospective_epoch_id = 0), 'EPOCH_MISMATCH')
test(refused, 'an epoch further on', (args) => void (args.prospective_epoch_id = 2), 'EPOCH_MISMATCH')
test(refused, 'no proposal', () => ({ prospective_epoch_id: 1 }), 'MISSING_ARGUMENT')
test(refused, 'an unknown field', (args) => void (args.proposal.note = ''), 'UNKNOWN_ARGUMENT')
test(refused, 'an id that changes', (args) => void (members(args)[0]![1] = 9), 'INVALID_PARTICIPANTS')
test(
  refused,
  'ids that change places',
  (args) => {
    members(args)[0]![1] = 1
    members(args)[1]![1] = 0
  },
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'another url of who stays',
  (args) => void (members(args)[1]![2].url = 'http://x:1'),
  'PARTICIPANT_INFO_MISMATCH',
)
test(
  refused,
  'another TLS key of who stays',
  (args) => void (members(args)[1]![2].tls_public_key = ed25519Key(1234)),
  'PARTICIPANT_INFO_MISMATCH',
)
test(refused, 'another incarnation', (args) => void (members(args)[1]![2].incarnation = 1), 'INVALID_PARTICIPANTS')
test(
  refused,
  'an incarnation of a newcomer',
  (args) => void (members(args)[5]![2].incarnation = 1),
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'another url than the candidate’s',
  (args) => void (members(args)[5]![2].url = 'http://x:1'),
  'PARTICIPANT_INFO_MISMATCH',
)
test(refused, 'a url that is no text', (args) => void (members(args)[5]![2].url = 7), 'INVALID_ARGUMENT')
test(refused, 'who is no candidate', (args) => void (members(args)[5]![0] = 'eve.near'), 'NOT_CANDIDATE')
test(refused, 'an account twice', (args) => void members(args).push(members(args)[0]!), 'INVALID_PARTICIPANTS')
test(
  refused,
  'a newcomer with the id of a participant',
  (args) => void (members(args)[5]![1] = 4),
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'newcomers’ ids with a gap',
  (args) => {
    members(args)[6]![1] = 7
    args.proposal.parameters.participants.next_id = 8
  },
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'newcomers’ ids from 6 on',
  (args) => {
    members(args)[5]![1] = 6
    members(args)[6]![1] = 7
    args.proposal.parameters.participants.next_id = 8
  },
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'a next_id that is too high',
  (args) => void (args.proposal.parameters.participants.next_id = 8),
  'INVALID_PARTICIPANTS',
)
test(
  refused,
  'a next_id that falls',
  (args) => {
    members(args).splice(5)
    args.proposal.parameters.participants.next_id = 4
  },
  'INVALID_PARTICIPANTS',
)
test(refused, 'fewer than threshold who stay', (args) => void members(args).splice(0, 3), 'INVALID_PARTICIPANTS')
test(refused, 'a threshold below 60 %', (args) => void (args.proposal.parameters.threshold = 4), 'INVALID_THRESHOLD')
test(refused, 'a threshold above n', (args) => void (args.proposal.parameters.threshold = 8), 'INVALID_THRESHOLD')
test(
  refused,
  'a threshold that is a fraction',
  (args) => void (args.proposal.parameters.threshold = 4.5),
  'INVALID_ARGUMENT',
)
test(
  refused,
  'thresholds that are a list',
  (args) => void (args.proposal.per_domain_thresholds = [2, 2]),
  'INVALID_ARGUMENT',
)
test(
  refused,
  'thresholds that are a number',
  (args) => void (args.proposal.per_domain_thresholds = 2),
  'INVALID_ARGUMENT',
)
test(
  refused,
  'a threshold for a domain that is not there',
  (args) => void (args.proposal.per_domain_thresholds = { 2: 2 }),
  'INVALID_DOMAINS',
)
test(
  refused,
  'a domain threshold of 1',
  (args) => void (args.proposal.per_domain_thresholds = { 0: 1 }),
  'INVALID_THRESHOLD',
)
test(
  refused,
  'a domain threshold above the governance threshold',
  (args) => void (args.proposal.per_domain_thresholds = { 0: 6 }),
  'INVALID_THRESHOLD',
)
test(
  refused,
  'a domain threshold that is a text',
  (args) => void (args.proposal.per_domain_thresholds = { 0: '2' }),
  'INVALID_ARGUMENT',
)

test('vote_new_parameters - should keep the governance threshold at what the domains need', (t) => {
  const world = initializing([domain(0, 'Frost', 4)], 5, 4)
  generateKeys(world)
  t.is(vote(world, 0, proposalFor(world, { threshold: 3 })).code, 'INVALID_THRESHOLD')
  t.is(vote(world, 0, proposalFor(world, { threshold: 3, thresholds: { 0: 3 } })).code, null)
})

test('vote_new_parameters - should keep DamgardEtAl at 2t - 1 nodes', (t) => {
  const world = fresh(5, 3)
  for (let i = 0; i < 5; i++) world.do(operator(i), 'vote_add_domains', { domains: [domain(0, 'DamgardEtAl', 3)] })
  generateKeys(world)
  const { code, refused: sentence } = vote(world, 0, proposalFor(world, { remove: [4] }))
  t.is(code, 'INVALID_THRESHOLD')
  t.regex(sentence!, /DamgardEtAl with t = 3 needs 5 nodes, found 4/)
  t.is(vote(world, 0, proposalFor(world, { remove: [4], thresholds: { 0: 2 } })).code, null)
})

test('vote_new_parameters - should keep votes from Running to Recovery and back', (t) => {
  const world = running(4, 3)
  const args = proposalFor(world, { remove: [3] })
  vote(world, 0, args)
  recover(world, 3)
  t.deepEqual(Object.keys(world.body().previous_running_state.parameters_votes.proposal_by_account), [operator(0)])
  vote(world, 1, args)
  world.do({ account: operator(3), deposit: 1n }, 'cancel_recovery', {})
  t.is(world.kind(), 'Running')
  vote(world, 2, args)
  t.is(world.kind(), 'Resharing')
})

for (const [what, replace] of [
  ['recovered', (world: World) => (recover(world, 1), conclude(world, 1))],
  ['migrated', (world: World) => (startMigration(world, 1), concludeMigration(world, 1))],
] as const) {
  test(`vote_new_parameters - should let a proposal win no more votes once a node that it names has ${what}`, (t) => {
    const world = running()
    const stale = proposalFor(world)
    vote(world, 0, stale)
    vote(world, 1, stale)
    replace(world)
    t.is(vote(world, 2, stale).code, 'PARTICIPANT_INFO_MISMATCH')
    const fresh = proposalFor(world)
    t.is(fresh.proposal.parameters.participants.participants[1][2].incarnation, 1)
    vote(world, 2, fresh)
    t.is(world.kind(), 'Running', 'votes for the stale one do not count')
    for (const i of [0, 1]) vote(world, i, fresh)
    t.is(world.kind(), 'Resharing')
  })
}

test('vote_new_parameters - should notice when a candidate is another node than it was', (t) => {
  const world = running()
  submitCandidate(world, 3)
  const args = proposalFor(world, { add: [3], threshold: 3 })
  vote(world, 0, args)
  const moved = { ...candidacy(3), url: 'http://moved.example:80' }
  world.do(operator(3), 'submit_participant_info', { participant_info: moved })
  t.is(vote(world, 1, args).code, 'PARTICIPANT_INFO_MISMATCH')
})
