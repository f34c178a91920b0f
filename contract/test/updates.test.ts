import { createHash } from 'node:crypto'
import test from 'ava'
import { conclude, recover } from './support/recovering.ts'
import { resharing, reshareKeys } from './support/resharing.ts'
import { domain, fresh, initializing, operator, running, type World } from './support/world.ts'

/** New code, in the form in which this chain takes it, and its hash. */
const CODE = '"new code"'
const HASH = createHash('sha256').update(CODE).digest('hex')
const OTHER = 'ab'.repeat(32)

function vote(world: World, i: number, code_hash = HASH) {
  return world.call({ account: operator(i) }, 'vote_update', { code_hash })
}

function propose(world: World, i: number, code_hash: unknown = HASH) {
  return world.call({ account: operator(i) }, 'propose_update', { code_hash })
}

function deploy(world: World, code = CODE, account = 'anyone.near') {
  return world.callText({ account }, 'deploy_update', code)
}

/** Running with 3 participants of which 2 decide, who have. */
function voted(): World {
  const world = running()
  propose(world, 0)
  vote(world, 1)
  return world
}

test('update - should be deployable by anyone once the threshold has voted, the proposer included', (t) => {
  const world = running(5, 3)
  const voted = { account_id: operator(0), code_hash: HASH, votes: 1 }
  t.deepEqual(propose(world, 0).events, [{ event: 'update_voted', data: voted }])
  t.regex(deploy(world).refused!, /^UPDATE_NOT_VOTED: .* has 1 of the 3 votes/)
  t.is(vote(world, 1).events[0]?.data.votes, 2)
  t.is(deploy(world).code, 'UPDATE_NOT_VOTED')
  vote(world, 2)
  t.deepEqual(world.updateVotes(), { [operator(0)]: HASH, [operator(1)]: HASH, [operator(2)]: HASH })
  const before = new Map(world.storage)
  t.deepEqual(JSON.parse(deploy(world).migrating!), { code_hash: HASH })
  t.deepEqual(world.storage, before, 'nothing is written before the migration has succeeded')
})

test('update - should be refused for code with another hash', (t) => {
  t.is(deploy(voted(), '"other code"').code, 'UPDATE_NOT_VOTED')
  t.is(deploy(voted(), '""').code, 'UPDATE_NOT_VOTED')
})

test('update - should be a vote of participants, direct, without a deposit, of one well-formed hash', (t) => {
  const world = running()
  t.is(world.call({ account: 'eve.near' }, 'propose_update', { code_hash: HASH }).code, 'NOT_PARTICIPANT')
  t.is(world.call({ account: 'eve.near' }, 'vote_update', { code_hash: HASH }).code, 'NOT_PARTICIPANT')
  t.is(world.call({ account: operator(0), signer: 'eve.near' }, 'vote_update', {}).code, 'NOT_DIRECT_CALL')
  t.is(vote(world, 0).code, 'UPDATE_NOT_PROPOSED')
  for (const [hash, code] of [
    [null, 'MISSING_ARGUMENT'],
    [5, 'INVALID_ARGUMENT'],
    ['', 'INVALID_ARGUMENT'],
    [HASH.toUpperCase(), 'INVALID_ARGUMENT'],
    [`${HASH}0`, 'INVALID_ARGUMENT'],
  ] as const) {
    t.is(propose(world, 0, hash).code, code, String(hash))
  }
  t.is(world.call({ account: operator(0) }, 'propose_update', {}).code, 'MISSING_ARGUMENT')
  t.is(world.call({ account: operator(0) }, 'propose_update', { code_hash: HASH, id: 1 }).code, 'UNKNOWN_ARGUMENT')
  t.deepEqual(world.updateVotes(), {})
})

test('update - should count one vote of each: the last', (t) => {
  const world = voted()
  t.deepEqual(vote(world, 1).events, [], 'a repeated vote changes nothing')
  propose(world, 1, OTHER)
  t.is(deploy(world).code, 'UPDATE_NOT_VOTED')
  t.is(vote(world, 0, OTHER).refused, null)
  t.is(vote(world, 1).code, 'UPDATE_NOT_PROPOSED', 'nobody stands by the first any more')
  t.deepEqual(world.updateVotes(), { [operator(0)]: OTHER, [operator(1)]: OTHER })
})

test('update - should work in every state, and votes should survive Recovery', (t) => {
  for (const world of [fresh(), initializing([domain(0)])]) {
    propose(world, 0)
    vote(world, 1)
    t.not(deploy(world).migrating, null)
    t.is(world.migrate({ code_hash: HASH }, undefined, 'anyone.near').refused, null)
  }
  const world = running()
  propose(world, 0)
  recover(world, 0)
  vote(world, 1)
  t.not(deploy(world).migrating, null, 'an operator whose node is recovering has a vote')
  conclude(world, 0)
  t.not(deploy(world).migrating, null)
})

test('update - should go by who takes part and what threshold holds when the code is brought', (t) => {
  const world = running(4, 3)
  for (const i of [0, 1, 2]) propose(world, i)
  t.not(deploy(world).migrating, null)
  resharing(world, { add: [4], remove: [2], threshold: 3 })
  t.is(propose(world, 4).code, 'NOT_PARTICIPANT', 'who is to come has no vote yet')
  t.not(deploy(world).migrating, null, 'the epoch that is live decides')
  reshareKeys(world)
  t.deepEqual(world.updateVotes(), { [operator(0)]: HASH, [operator(1)]: HASH }, 'who leaves takes his vote with him')
  t.is(deploy(world).code, 'UPDATE_NOT_VOTED')
  t.is(vote(world, 2).code, 'NOT_PARTICIPANT')
  vote(world, 4)
  t.not(deploy(world).migrating, null)
  resharing(world, { threshold: 4 })
  reshareKeys(world)
  t.is(deploy(world).code, 'UPDATE_NOT_VOTED', 'the threshold has grown')
  resharing(world, { add: [2] })
  reshareKeys(world)
  t.false(operator(2) in world.updateVotes(), 'who returns has no vote from before')
})

test('update - should be possible in the middle of a resharing that does not end', (t) => {
  const world = resharing(voted(), { add: [3], threshold: 3 })
  const before = world.body()
  t.not(deploy(world).migrating, null)
  t.is(world.migrate({ code_hash: HASH }).refused, null)
  t.deepEqual(world.body(), before)
})

test('migrate - should be for the contract’s own account, and end the votes', (t) => {
  const world = voted()
  t.is(world.migrate({}, operator(0)).code, 'NOT_CONTRACT_ACCOUNT')
  t.is(world.migrate({ code_hash: OTHER }).code, 'UPDATE_NOT_VOTED')
  t.is(world.migrate({ hash: HASH }).code, 'UNKNOWN_ARGUMENT')
  const before = world.state()
  const { events } = world.migrate({ code_hash: HASH }, undefined, 'anyone.near')
  t.is(events[0]?.event, 'migrated')
  t.like(events[0]?.data, { code_hash: HASH })
  t.deepEqual(world.state(), before)
  t.deepEqual(world.updateVotes(), {})
})

test('migrate - should change nothing the second time of two deployments on their way at once', (t) => {
  const world = voted()
  const [first, second] = [deploy(world).migrating!, deploy(world).migrating!]
  t.is(world.migrate(JSON.parse(first)).refused, null)
  propose(world, 2, OTHER)
  t.is(world.migrate(JSON.parse(second)).code, 'UPDATE_NOT_VOTED')
  t.deepEqual(world.updateVotes(), { [operator(2)]: OTHER })
  t.is(deploy(world).code, 'UPDATE_NOT_VOTED')
})
