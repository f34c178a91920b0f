import test from 'ava'
import { concludedKeyset } from '../../protocol/src/concluded-keyset.ts'
import { parseProtocolState } from '../../protocol/src/contract-state.ts'
import { participantsOf } from '../../protocol/src/live-state.ts'
import { blsKey, caitSithKey, ed25519Key, frostKey } from './support/keys.ts'
import { concludeMigration, destination, startMigration } from './support/migrating.ts'
import { authorize, conclude, newNode, recover, request } from './support/recovering.ts'
import { registerSidecar, report, sidecarKey } from './support/reporting.ts'
import {
  adopt,
  candidacy,
  currentEvent,
  newCommitments,
  proposalFor,
  prospective,
  resharing,
  reshareKeys,
  start,
  submitCandidate,
  vote,
  voteReshared,
} from './support/resharing.ts'
import {
  CONTRACT,
  domain,
  fresh,
  generateKeys,
  initializing,
  operator,
  running,
  SECOND,
  World,
} from './support/world.ts'

/** Resharing from its first attempt to its end or its cancellation, and what it does to everybody's records. */
test('resharing - should end in Running, epoch + 1, with the same keys and new commitments', (t) => {
  const world = initializing([domain(0), domain(1, 'CaitSith'), domain(2, 'ConfidentialKeyDerivation')])
  generateKeys(world)
  const before = world.body()
  resharing(world, { add: [3], threshold: 3, thresholds: { 0: 3, 2: 3 } })
  const expected: (string[] | null)[] = []
  while (world.kind() === 'Resharing') {
    start(world)
    const commitments = newCommitments(world)
    for (const account of prospective(world)) t.is(voteReshared(world, account, commitments).refused, null)
    expected.push(commitments)
  }
  t.is(world.kind(), 'Running')
  const after = world.body()
  t.is(after.keyset.epoch_id, 1)
  t.deepEqual(
    after.keyset.domains,
    before.keyset.domains.map((key: object, i: number) => ({ ...key, commitments: expected[i] })),
  )
  t.deepEqual([expected[0]!.length, expected[1]!.length, expected[2]], [3, 2, null])
  t.deepEqual(after.domains.domains, [
    domain(0, 'Frost', 3),
    domain(1, 'CaitSith', 2),
    domain(2, 'ConfidentialKeyDerivation', 3),
  ])
  t.is(after.domains.next_domain_id, 3)
  t.is(after.parameters.threshold, 3)
  t.deepEqual(after.parameters.participants.participants, [
    ...before.parameters.participants.participants,
    [operator(3), 3, { ...candidacy(3), incarnation: 0 }],
  ])
  t.is(after.parameters.participants.next_id, 4)
  t.is(after.previously_cancelled_resharing_epoch_id, null)
  const left = [...world.storage.keys()].filter((key) => /^[NYEWQ]|^[pq]:|^k:0:/.test(key))
  t.deepEqual(left, [], 'nothing is left behind in the storage')
})

test('resharing - should show what is done and what is under way', (t) => {
  const world = resharing(running(), { add: [3], threshold: 3 })
  start(world)
  t.deepEqual(world.body().resharing_key.instance, {
    attempt_id: 0,
    started_in: world.height,
    expires_on: world.height + 31,
    completed: [],
    public_key: null,
    commitments: null,
  })
  const commitments = newCommitments(world)
  voteReshared(world, operator(3), commitments)
  const { instance } = world.body().resharing_key
  t.deepEqual(instance.completed, [3])
  t.deepEqual(instance.commitments, commitments)
  t.deepEqual(instance.public_key, world.body().previous_running_state.keyset.domains[0].key)
  for (const i of [0, 1, 2]) voteReshared(world, operator(i), commitments)
  const body = world.body()
  t.deepEqual(body.reshared_keys, [{ ...body.previous_running_state.keyset.domains[0], attempt: 0, commitments }])
  t.is(body.resharing_key.domain.id, 1)
  t.is(body.resharing_key.next_attempt_id, 0)
  t.deepEqual(
    body.previous_running_state.keyset.domains[0].commitments,
    frostKey(2, 1).commitments,
    'the live ones stay',
  )
})

test('resharing - should be read by the clients as the previous running keyset', (t) => {
  const world = running()
  const live = parseProtocolState(world.state())
  resharing(world, { add: [3], threshold: 3, thresholds: { 0: 3 } })
  start(world)
  voteReshared(world, operator(0))
  const state = parseProtocolState(world.state())
  t.deepEqual(concludedKeyset(state), concludedKeyset(live))
  t.deepEqual(participantsOf(state), participantsOf(live))
  if (state.kind !== 'Resharing') return t.fail(state.kind)
  t.is(state.state.resharing_key.epoch_id, 1n)
  t.deepEqual(state.state.per_domain_thresholds, { 0: 3 })
  t.deepEqual(state.state.resharing_key.instance?.commitments, newCommitments(world))
  t.is(state.state.resharing_key.parameters.participants.participants[3]?.[2].incarnation, 0n)
})

test('start_reshare_instance - should be for the leader of the epoch to come, once at a time, with the next attempt', (t) => {
  const world = resharing(running(5, 3), { add: [5], remove: [0] })
  const begin = (account: string, event: object = {}) =>
    world.call({ account }, 'start_reshare_instance', { key_event_id: { ...currentEvent(world), ...event } }).code
  t.is(begin(operator(0)), 'NOT_PARTICIPANT', 'the leader of the live epoch leaves')
  t.is(begin(operator(2)), 'NOT_LEADER')
  t.is(begin('eve.near'), 'NOT_PARTICIPANT')
  t.is(begin(operator(1), { epoch_id: 0 }), 'KEY_EVENT_MISMATCH')
  t.is(begin(operator(1), { attempt_id: 1 }), 'KEY_EVENT_MISMATCH')
  t.is(begin(operator(1)), null)
  t.is(begin(operator(1), { attempt_id: 1 }), 'KEY_EVENT_ACTIVE')
  world.height += 31
  t.is(begin(operator(1), { attempt_id: 1 }), null, 'the first has timed out')
  const keygen = { key_event_id: currentEvent(world) }
  t.is(world.call({ account: operator(1) }, 'start_keygen_instance', keygen).code, 'WRONG_STATE')
  t.is(running().call({ account: operator(0) }, 'start_reshare_instance', keygen).code, 'WRONG_STATE')
})

test('vote_reshared - should be for participants of the epoch to come, once each', (t) => {
  const world = resharing(running(5, 3), { add: [5], remove: [4] })
  t.is(voteReshared(world, operator(0)).code, 'NO_ACTIVE_KEY_EVENT')
  start(world)
  t.is(voteReshared(world, operator(4)).code, 'NOT_PARTICIPANT')
  t.is(voteReshared(world, operator(5)).code, null)
  t.is(voteReshared(world, operator(5)).code, 'ALREADY_VOTED')
  const wrong = { key_event_id: { ...currentEvent(world), domain_id: 1 }, commitments: null }
  t.is(world.call({ account: operator(0) }, 'vote_reshared', wrong).code, 'KEY_EVENT_MISMATCH')
  t.is(running().call({ account: operator(0) }, 'vote_reshared', wrong).code, 'WRONG_STATE')
})

test('vote_reshared - should end the attempt when commitments differ, and a new attempt should do', (t) => {
  const world = resharing(running())
  start(world)
  voteReshared(world, operator(0), newCommitments(world, 1))
  const { events } = voteReshared(world, operator(1), newCommitments(world, 2))
  t.like(events[0], { event: 'key_event_attempt_aborted', data: { epoch_id: 1, reason: 'disagreement' } })
  t.is(world.body().resharing_key.instance, null)
  reshareKeys(world)
  t.is(world.body().keyset.domains[0].attempt, 1)
})

const refusedCommitments = test.macro({
  exec(t, _what: string, commitments: unknown, code: string, protocol?: string) {
    const world = initializing([domain(0, protocol ?? 'Frost')], 3, 3)
    generateKeys(world)
    resharing(world, { thresholds: { 0: 3 } })
    start(world)
    t.is(voteReshared(world, operator(0), commitments as string[]).code, code)
    t.deepEqual(world.body().resharing_key.instance.completed, [])
  },
  title: (_, what, _commitments, code, protocol) =>
    `vote_reshared - should refuse ${what} for ${protocol ?? 'Frost'} with ${code}`,
})
const [key, one, two] = frostKey(3, 1).commitments as [string, string, string]
const SMALL_ORDER = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
test(refusedCommitments, 'none', null, 'MISSING_ARGUMENT')
test(refusedCommitments, 'as many as the old threshold', [key, one], 'INVALID_COMMITMENTS')
test(refusedCommitments, 'one too many', [key, one, two, one], 'INVALID_COMMITMENTS')
test(refusedCommitments, 'another group key', [one, key, two], 'INVALID_COMMITMENTS')
test(refusedCommitments, 'a point of small order', [key, one, SMALL_ORDER], 'INVALID_COMMITMENTS')
test(refusedCommitments, 'a number', [key, one, 3], 'INVALID_ARGUMENT')
test(refusedCommitments, 'points of another curve', caitSithKey(3, 1).commitments, 'INVALID_COMMITMENTS')
test(refusedCommitments, 'Ed25519 points', [key, one, two], 'INVALID_COMMITMENTS', 'CaitSith')
test(refusedCommitments, 'any', [key], 'INVALID_COMMITMENTS', 'ConfidentialKeyDerivation')

test('vote_reshared - should take a BLS vote without any word of commitments, as near/mpc clients send it', (t) => {
  const world = initializing([domain(0, 'ConfidentialKeyDerivation')])
  generateKeys(world)
  resharing(world)
  start(world)
  for (const account of prospective(world)) world.do(account, 'vote_reshared', { key_event_id: currentEvent(world) })
  t.deepEqual(world.body().keyset, {
    epoch_id: 1,
    domains: [{ domain_id: 0, key: { Bls12381: { public_key: blsKey(1).public_key } }, attempt: 0, commitments: null }],
  })
})

test('vote_reshared - should take only the recorded signer key of who has recovered or migrated', (t) => {
  const world = running()
  recover(world, 1)
  conclude(world, 1)
  startMigration(world, 2)
  concludeMigration(world, 2)
  resharing(world)
  start(world)
  t.is(voteReshared(world, operator(1)).code, 'WRONG_SIGNER_KEY')
  t.is(voteReshared(world, operator(2), undefined, newNode(1).signer).code, 'WRONG_SIGNER_KEY')
  const signers: Record<string, string> = { [operator(1)]: newNode(1).signer, [operator(2)]: newNode(2).signer }
  for (const account of prospective(world)) {
    t.is(voteReshared(world, account, undefined, signers[account]).code, null, account)
  }
  reshareKeys(world, signers)
  t.is(world.kind(), 'Running')
})

test('vote_abort_key_event_instance - should end an attempt to reshare for whoever has not voted', (t) => {
  const world = resharing(running(5, 3), { add: [5], remove: [4] })
  const abort = (i: number) =>
    world.call({ account: operator(i) }, 'vote_abort_key_event_instance', { key_event_id: currentEvent(world) }).code
  t.is(abort(0), 'NO_ACTIVE_KEY_EVENT')
  start(world)
  voteReshared(world, operator(0))
  t.is(abort(0), 'ALREADY_VOTED')
  t.is(abort(4), 'NOT_PARTICIPANT')
  t.is(abort(5), null)
  t.is(world.body().resharing_key.instance, null)
  t.false(world.storage.has('E'), 'what was voted for is forgotten')
  start(world)
  t.deepEqual(world.body().resharing_key.instance.completed, [])
  t.is(world.body().resharing_key.instance.public_key, null)
})

test('vote_cancel_resharing - should give the previous Running back at threshold, and skip the burnt epoch', (t) => {
  const world = running(5, 3)
  const before = world.state()
  resharing(world, { add: [5], remove: [4], thresholds: { 0: 3 } })
  start(world)
  for (const account of prospective(world)) voteReshared(world, account)
  t.is(world.body().reshared_keys.length, 1)
  const cancel = (account: string) => world.call({ account }, 'vote_cancel_resharing', {})
  t.is(cancel(operator(5)).code, 'NOT_PARTICIPANT', 'newcomers have no say')
  t.deepEqual(cancel(operator(4)).events, [{ event: 'resharing_cancel_voted', data: { account_id: operator(4) } }])
  t.deepEqual(cancel(operator(4)).events, [], 'a repeated vote changes nothing')
  cancel(operator(0))
  t.deepEqual(world.body().cancellation_requests, [operator(4), operator(0)])
  const { events } = cancel(operator(1))
  t.deepEqual(events.slice(1), [
    { event: 'resharing_cancelled', data: { epoch_id: 1 } },
    { event: 'running_entered', data: { epoch_id: 0, from: 'Resharing' } },
  ])
  const expected = structuredClone(before)
  expected.Running.previously_cancelled_resharing_epoch_id = 1
  t.deepEqual(world.state(), expected)
  t.deepEqual(
    [...world.storage.keys()].filter((key) => /^[NYEWQ]|^[pq]:|^k:1:/.test(key)),
    [],
  )
  t.is(cancel(operator(0)).code, 'WRONG_STATE')

  t.is(vote(world, 0, { ...proposalFor(world), prospective_epoch_id: 1 }).code, 'EPOCH_MISMATCH')
  resharing(world)
  t.is(world.body().resharing_key.epoch_id, 2)
  for (const i of [0, 1, 2]) cancel(operator(i))
  t.is(world.body().previously_cancelled_resharing_epoch_id, 2)
  resharing(world)
  reshareKeys(world)
  t.is(world.body().keyset.epoch_id, 3)
  t.is(world.body().previously_cancelled_resharing_epoch_id, null)
})

test('vote_cancel_resharing - should leave the burnt epoch burnt when a domain is added in between', (t) => {
  const world = resharing(running())
  for (const i of [0, 1]) world.do(operator(i), 'vote_cancel_resharing', {})
  for (const i of [0, 1, 2]) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  generateKeys(world)
  t.is(proposalFor(world).prospective_epoch_id, 2)
  resharing(world)
  t.is(world.body().resharing_key.epoch_id, 2)
})

test('vote_cancel_resharing - should drop the backup service of who was to come, and keep the candidate', (t) => {
  const world = resharing(running(), { add: [3], threshold: 3 })
  const by = (i: number) => ({ account: operator(i), deposit: 1n })
  const info = (n: number) => ({ backup_service_info: { public_key: ed25519Key(n) } })
  t.is(world.call(by(3), 'register_backup_service', info(7003)).code, null)
  world.do(by(0), 'register_backup_service', info(7000))
  t.is(world.call(by(4), 'register_backup_service', info(7004)).code, 'NOT_PARTICIPANT')
  for (const i of [0, 1]) world.do(operator(i), 'vote_cancel_resharing', {})
  t.deepEqual(Object.keys(world.migrationInfo()), [operator(0)])
  t.deepEqual(Object.keys(world.candidates()), [operator(3)])
})

test('resharing - should keep the records of who stays and drop those of who leaves', (t) => {
  const world = running(5, 3)
  const by = (i: number) => ({ account: operator(i), deposit: 1n })
  for (const i of [0, 4]) {
    startMigration(world, i)
    authorize(world, i, 2)
    registerSidecar(world, i, 7000 + i)
    report(world, i)
    world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  }
  resharing(world, { add: [5], remove: [4] })
  world.do(by(5), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(7005) } })
  t.deepEqual(Object.keys(world.migrationInfo()).sort(), [0, 4, 5].map(operator), 'nothing goes before the end')
  reshareKeys(world)
  t.deepEqual(world.migrationInfo(), {
    [operator(0)]: [{ public_key: ed25519Key(7000), signer_account_pk: sidecarKey(0) }, destination(0)],
    [operator(5)]: [{ public_key: ed25519Key(7005) }, null],
  })
  t.truthy(world.authorization(operator(0)))
  t.is(world.authorization(operator(4)), null)
  t.deepEqual(world.body().add_domains_votes.proposal_by_account, { 0: [domain(2)] })
  t.deepEqual(world.candidates(), {}, 'who takes part is no candidate any more')
  t.false([...world.storage.keys()].some((name) => name.startsWith(`r:${operator(4)}`)))
  // what the leaver held is free again
  world.do(by(1), 'register_backup_service', { backup_service_info: { public_key: ed25519Key(7004) } })
})

test('resharing - should let a pending migration of who stays conclude in the new epoch', (t) => {
  const world = running()
  startMigration(world, 1)
  resharing(world)
  t.is(concludeMigration(world, 1).code, 'WRONG_STATE')
  reshareKeys(world)
  t.is(concludeMigration(world, 1).code, null)
})

test('resharing - should let a vote for domains be completed by a repeated one when the last who had not voted leaves', (t) => {
  const world = running(4, 3)
  for (const i of [0, 1, 2]) world.do(operator(i), 'vote_add_domains', { domains: [domain(2)] })
  resharing(world, { remove: [3] })
  reshareKeys(world)
  t.is(world.kind(), 'Running')
  world.do(operator(0), 'vote_add_domains', { domains: [domain(2)] })
  t.is(world.kind(), 'Initializing')
})

test('participants_revision - should grow by one with a resharing that changes who takes part, and with no other', (t) => {
  const world = running(5, 3)
  const revision = () => world.body().participants_revision
  resharing(world, { thresholds: { 0: 3 } })
  reshareKeys(world)
  t.is(revision(), 0)
  resharing(world, { add: [5, 6], remove: [3, 4] })
  t.is(world.body().previous_running_state.participants_revision, 0)
  reshareKeys(world)
  t.is(revision(), 1)
})

test('next_id - should never fall, and ids never come back', (t) => {
  const world = running(5, 3)
  resharing(world, { add: [5], remove: [4] })
  reshareKeys(world)
  resharing(world, { remove: [5], threshold: 3 })
  reshareKeys(world)
  t.is(world.body().parameters.participants.next_id, 6)
  submitCandidate(world, 5)
  const args = proposalFor(world, { add: [5] })
  t.is(args.proposal.parameters.participants.participants.at(-1)[1], 6)
  adopt(world, args)
  t.is(world.kind(), 'Resharing')
})

test('resharing - should let an account that returns go on with its old incarnation and any signer key', (t) => {
  const world = running(4, 3)
  recover(world, 3)
  conclude(world, 3)
  resharing(world, { remove: [3] })
  reshareKeys(world)
  submitCandidate(world, 3)
  const args = proposalFor(world, { add: [3] })
  const wrong = structuredClone(args)
  wrong.proposal.parameters.participants.participants[3][2].incarnation = 0
  t.is(vote(world, 0, wrong).code, 'INVALID_PARTICIPANTS')
  adopt(world, args)
  reshareKeys(world)
  t.deepEqual(world.body().parameters.participants.participants[3], [
    operator(3),
    4,
    { ...candidacy(3), incarnation: 1 },
  ])
  recover(world, 3, 2)
  t.is(conclude(world, 3, 2).code, null)
  t.is(world.body().parameters.participants.participants[3][2].incarnation, 2)
})

test('resharing - should drop every recovery without a cooldown, and keep authorisations', (t) => {
  const world = running(4, 3)
  for (const i of [1, 2]) recover(world, i)
  resharing(world)
  t.is(world.kind(), 'Resharing')
  t.is(request(world, 1).code, 'WRONG_STATE')
  t.truthy(world.authorization(operator(1)))
  reshareKeys(world)
  t.is(world.kind(), 'Running')
  t.is(world.body().parameters.participants.participants[1][2].incarnation, 0, 'the old node is still the one')
  t.is(request(world, 1).code, null, 'no cooldown')
})

test('resharing - should say how many recoveries it drops, and give Running back when it is cancelled', (t) => {
  const world = running(4, 3)
  for (const i of [1, 2]) recover(world, i)
  const args = proposalFor(world)
  for (const i of [0, 1, 2]) vote(world, i, args)
  t.is(vote(world, 3, args).events[1]!.data.recoveries_dropped, 2)
  for (const i of [0, 1, 2]) world.do(operator(i), 'vote_cancel_resharing', {})
  t.is(world.kind(), 'Running')
})

test('resharing - should let governance put out somebody who recovers', (t) => {
  const world = running(4, 3)
  recover(world, 3)
  resharing(world, { remove: [3] })
  reshareKeys(world)
  t.deepEqual(prospectiveNow(world), [0, 1, 2].map(operator))
  t.is(world.authorization(operator(3)), null)
})

function prospectiveNow(world: World): string[] {
  return world.body().parameters.participants.participants.map(([account]: [string]) => account)
}

test('resharing - should go straight to Running, epoch + 1, where there is no key to reshare', (t) => {
  const world = fresh()
  submitCandidate(world, 3)
  const args = proposalFor(world, { add: [3], threshold: 3 })
  for (const i of [0, 1, 2]) vote(world, i, args)
  const { events } = vote(world, 3, args)
  t.deepEqual(
    events.map(({ event }) => event),
    ['parameters_voted', 'resharing_concluded'],
  )
  t.deepEqual(events[1]!.data, { epoch_id: 1, joined: [operator(3)], left: [] })
  const { Running } = world.state()
  t.deepEqual(Running.keyset, { epoch_id: 1, domains: [] })
  t.is(Running.participants_revision, 1)
  t.is(Running.parameters.threshold, 3)
  t.deepEqual(Running.parameters_votes.proposal_by_account, {})
})

test('resharing - should end a recovery too where there is no key to reshare', (t) => {
  const world = fresh()
  recover(world, 1)
  adopt(world, proposalFor(world))
  t.is(world.kind(), 'Running')
  t.is(world.body().keyset.epoch_id, 1)
  t.is(request(world, 1).code, null)
})

test('who is to come - should hold its TLS key against everybody and repeat its own info only', (t) => {
  const world = resharing(running(), { add: [3], threshold: 3 })
  const taken = { ...candidacy(3), url: 'http://thief.example:80' }
  t.is(
    world.call({ account: 'eve.near' }, 'submit_participant_info', { participant_info: taken }).code,
    'TLS_KEY_TAKEN',
  )
  const service = { backup_service_info: { public_key: candidacy(3).tls_public_key } }
  t.is(world.call({ account: operator(0), deposit: 1n }, 'register_backup_service', service).code, 'TLS_KEY_TAKEN')
  t.deepEqual(submitCandidate(world, 3).events, [])
  const other = { participant_info: { ...candidacy(3), tls_public_key: ed25519Key(4321) } }
  t.is(world.call({ account: operator(3) }, 'submit_participant_info', other).code, 'PARTICIPANT_INFO_MISMATCH')
  t.is(world.call({ account: operator(3), deposit: 1n }, 'authorize_node', {}).code, 'NOT_PARTICIPANT')
})

test('who is to come - should not be pushed out by candidates that come after', (t) => {
  const world = resharing(running(), { add: [3], threshold: 3 })
  for (let i = 0; i < 64; i++) submitCandidate(world, 100 + i)
  t.false(operator(3) in world.candidates())
  reshareKeys(world)
  t.is(world.body().parameters.participants.participants[3][2].tls_public_key, candidacy(3).tls_public_key)
})

test('resharing - should keep the live keyset live for receipts until it ends', (t) => {
  const world = running()
  registerSidecar(world, 0)
  resharing(world, { add: [3], threshold: 3, thresholds: { 0: 3 } })
  t.is(report(world, 0).code, null)
  t.is(world.recoverability().operators[operator(0)].stored_at, String(world.now))
  t.deepEqual(Object.keys(world.recoverability().operators), [0, 1, 2].map(operator))
  reshareKeys(world)
  const { epoch_id, operators, domains } = world.recoverability()
  t.is(epoch_id, 1)
  t.is(operators[operator(0)].stored_at, null, 'of the old keyset')
  t.deepEqual(
    domains.map((entry: { reconstruction_threshold: number }) => entry.reconstruction_threshold),
    [3, 2],
  )
  t.is(Object.keys(operators).length, 4)
})

test('resharing - should stay within NEAR’s 100 logs and 16,384 bytes of them when it ends as much as it can at once', (t) => {
  const [n, threshold] = [100, 60]
  const account = (kind: string, i: number) => `${kind}${i}`.padStart(64, '0')
  const info = (i: number) => ({ url: `http://n${i}:1`, tls_public_key: ed25519Key(i) })
  const world = new World()
  const participants = Array.from({ length: n }, (_, i) => [account('member', i), i, info(i)])
  world.do(CONTRACT, 'init', { parameters: { participants: { next_id: n, participants }, threshold } })
  const newcomers = Array.from({ length: n - threshold }, (_, i) => [account('newcomer', i), n + i, info(500 + i)])
  for (const [name, , participant_info] of newcomers) {
    world.do(name as string, 'submit_participant_info', { participant_info })
  }
  const members = [...participants.slice(0, threshold), ...newcomers]
  const parameters = { participants: { next_id: n + newcomers.length, participants: members }, threshold }
  const args = { prospective_epoch_id: 1, proposal: { parameters, per_domain_thresholds: {} } }
  for (const [name] of members.slice(0, -1)) world.do(name as string, 'vote_new_parameters', args)
  for (const [name, i] of participants) {
    const request = { participant_info: info(1000 + (i as number)), signer_account_pk: ed25519Key(1) }
    world.do({ account: name as string, deposit: 1n }, 'submit_participant_recovery_info', request)
    if (i === 40) world.now += 50_000n * SECOND
  }
  world.now += 50_000n * SECOND
  const { events } = world.do(members.at(-1)![0] as string, 'vote_new_parameters', args)
  const bytes = events.map(
    ({ event, data }) => JSON.stringify({ standard: 'holdfast', version: '1.0.0', event, data: [data] }).length + 11,
  )
  t.deepEqual(
    events.slice(-3).map(({ event }) => event),
    ['parameters_voted', 'resharing_concluded', 'running_entered'],
  )
  t.true(events.length <= 100 && events.length > 32, `${events.length} logs`)
  const total = bytes.reduce((sum, length) => sum + length, 0)
  t.true(total <= 16_384, `${total} bytes`)
})
