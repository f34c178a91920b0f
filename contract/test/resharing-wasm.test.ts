import anyTest, { type TestFn } from 'ava'
import type { Account } from 'near-api-js'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../src/access-key-methods.ts'
import { Deployed, type Json, publicKeyOf } from './support/deployed.ts'
import { caitSithKey, ed25519Key, frostKey } from './support/keys.ts'
import { domain } from './support/world.ts'

/**
 * The compiled contract on a chain reshares: from Running, cancelled and concluded, and from Recovery, once with nobody left
 * to come and once with an operator who is put out while it recovers. One story; the rules are tested case by case in memory.
 */
const test = anyTest as TestFn<{
  deployed: Deployed
  operators: [Account, Account, Account, Account]
  newcomer: Account
  /** With the limited key that a node has. */
  newNode: Account
}>

const ONE = 1n
const KEYS = [frostKey(2, 1), caitSithKey(2, 2)] as const
const NEWCOMER = { url: 'http://newcomer.example:80', tls_public_key: ed25519Key(50) }

test.before(async (t) => {
  const deployed = await Deployed.start()
  const operators: Account[] = []
  for (const name of ['op0', 'op1', 'op2', 'op3']) operators.push(await deployed.account(name))
  const newcomer = await deployed.account('newcomer')
  t.context = {
    deployed,
    operators: operators as [Account, Account, Account, Account],
    newcomer,
    newNode: await deployed.withFunctionCallKey(newcomer, NODE_METHODS),
  }
  const participants = operators.map(({ accountId }, i) => [
    accountId,
    i,
    { url: `http://node${i}.example:80`, tls_public_key: ed25519Key(i) },
  ])
  const done = async (by: Account, method: string, args: object) => {
    const { panic } = await deployed.call(by, method, args)
    if (panic !== null) throw new Error(`${method}: ${panic}`)
  }
  await done(deployed.contract, 'init', {
    parameters: { participants: { next_id: 4, participants }, threshold: 3 },
    init_config: { key_event_timeout_blocks: 1_000_000 },
  })
  const domains = [domain(0), domain(1, 'CaitSith')]
  for (const operator of operators) await done(operator, 'vote_add_domains', { domains })
  for (const [domain_id, key] of KEYS.entries()) {
    const key_event_id = { epoch_id: 0, domain_id, attempt_id: 0 }
    await done(operators[0]!, 'start_keygen_instance', { key_event_id })
    for (const operator of operators) await done(operator, 'vote_pk', { key_event_id, ...key })
  }
})

test.after.always(async (t) => {
  await t.context.deployed?.chain.stop()
})

async function body(deployed: Deployed): Promise<Json> {
  return Object.values(await deployed.view('state'))[0]
}

/** What is live, changed: who takes part, the thresholds. */
async function proposal(
  deployed: Deployed,
  change: { keep?: Account[]; add?: Account; threshold?: number; thresholds?: object } = {},
): Promise<Json> {
  const state = await body(deployed)
  const { keyset, parameters, previously_cancelled_resharing_epoch_id: burnt } = state.previous_running_state ?? state
  const { next_id, participants } = parameters.participants
  const kept = change.keep?.map(({ accountId }) => accountId)
  const members = participants.filter(([account]: [string]) => kept?.includes(account) ?? true)
  if (change.add !== undefined) members.push([change.add.accountId, next_id, NEWCOMER])
  return {
    prospective_epoch_id: (burnt ?? keyset.epoch_id) + 1,
    proposal: {
      parameters: {
        participants: { next_id: next_id + (change.add === undefined ? 0 : 1), participants: members },
        threshold: change.threshold ?? parameters.threshold,
      },
      per_domain_thresholds: change.thresholds ?? {},
    },
  }
}

/** Reshares what is left to reshare; every node votes with the account given for it. */
async function reshare(deployed: Deployed, epoch_id: number, nodes: Account[], thresholds = [2, 2]): Promise<string[]> {
  let events: string[] = []
  for (const [domain_id, t] of thresholds.entries()) {
    const key_event_id = { epoch_id, domain_id, attempt_id: 0 }
    const started = await deployed.call(nodes[0]!, 'start_reshare_instance', { key_event_id })
    if (started.panic !== null) throw new Error(started.panic)
    const points = (domain_id === 0 ? frostKey(t, 10 * epoch_id) : caitSithKey(t, 10 * epoch_id)).commitments!
    const commitments = [KEYS[domain_id]!.commitments![0], ...points.slice(1)]
    for (const node of nodes) {
      const voted = await deployed.call(node, 'vote_reshared', { key_event_id, commitments })
      if (voted.panic !== null) throw new Error(voted.panic)
      events = voted.events
    }
  }
  return events
}

test.serial('wasm - should begin a resharing when everybody has voted, newcomers last', async (t) => {
  const { deployed, operators, newcomer, newNode } = t.context
  t.is((await deployed.call(newNode, 'submit_participant_info', { participant_info: NEWCOMER })).panic, null)
  const wanted = await proposal(deployed, { add: newcomer, thresholds: { 1: 3 } })
  t.regex((await deployed.call(newNode, 'vote_new_parameters', wanted)).rejected ?? '', /MethodName|method/i)
  t.is((await deployed.call(newcomer, 'vote_new_parameters', wanted)).code, 'VOTE_TOO_EARLY')
  for (const operator of operators) t.is((await deployed.call(operator, 'vote_new_parameters', wanted)).panic, null)
  const votes = (await body(deployed)).parameters_votes.proposal_by_account
  t.deepEqual(Object.keys(votes).sort(), operators.map(({ accountId }) => accountId).sort())
  const { events } = await deployed.call(newcomer, 'vote_new_parameters', wanted)
  t.deepEqual(events, ['parameters_voted', 'resharing_started'])
  t.is((await body(deployed)).resharing_key.parameters.participants.participants.length, 5)
})

test.serial('wasm - should cancel a resharing and not use its epoch again', async (t) => {
  const { deployed, operators, newNode } = t.context
  const key_event_id = { epoch_id: 1, domain_id: 0, attempt_id: 0 }
  t.is((await deployed.call(operators[1], 'start_reshare_instance', { key_event_id })).code, 'NOT_LEADER')
  t.is((await deployed.call(operators[0], 'start_reshare_instance', { key_event_id })).panic, null)
  const smallOrder = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
  const bad = { key_event_id, commitments: [KEYS[0].commitments![0], smallOrder] }
  t.is((await deployed.call(newNode, 'vote_reshared', bad)).code, 'INVALID_COMMITMENTS')
  for (const operator of operators.slice(1)) {
    t.is((await deployed.call(operator, 'vote_cancel_resharing')).panic, null)
  }
  const { Running } = await deployed.view('state')
  t.is(Running.previously_cancelled_resharing_epoch_id, 1)
  t.deepEqual(Running.keyset.domains[0].commitments, KEYS[0].commitments)
})

test.serial('wasm - should conclude a resharing with a newcomer’s limited key and another threshold', async (t) => {
  const { deployed, operators, newcomer, newNode } = t.context
  const before = await body(deployed)
  const wanted = await proposal(deployed, { add: newcomer, thresholds: { 1: 3 } })
  t.is(wanted.prospective_epoch_id, 2)
  for (const account of [...operators, newcomer]) {
    t.is((await deployed.call(account, 'vote_new_parameters', wanted)).panic, null)
  }
  const service = { backup_service_info: { public_key: ed25519Key(70) } }
  t.deepEqual((await deployed.call(newcomer, 'register_backup_service', service, ONE)).events, [
    'backup_service_registered',
  ])
  const events = await reshare(deployed, 2, [...operators, newNode], [2, 3])
  t.deepEqual(events, ['key_event_voted', 'domain_key_reshared', 'resharing_concluded', 'running_entered'])
  const { Running } = await deployed.view('state')
  t.is(Running.keyset.epoch_id, 2)
  t.deepEqual(
    Running.keyset.domains.map(({ key }: Json) => key),
    before.keyset.domains.map(({ key }: Json) => key),
  )
  t.deepEqual(
    Running.keyset.domains.map(({ commitments }: Json) => commitments.length),
    [2, 3],
  )
  t.is(Running.domains.domains[1].reconstruction_threshold, 3)
  t.is(Running.participants_revision, 1)
  t.is(Running.previously_cancelled_resharing_epoch_id, null)
  t.deepEqual(Running.parameters.participants.participants[4], [newcomer.accountId, 4, { ...NEWCOMER, incarnation: 0 }])
  t.deepEqual(await deployed.view('participant_candidates'), {})
})

test.serial('wasm - should reshare out of Recovery and put the recovering operator out', async (t) => {
  const { deployed, operators, newcomer, newNode } = t.context
  const [op0, op1, op2, op3] = operators
  const sidecar = await deployed.withFunctionCallKey(op3, BACKUP_SERVICE_METHODS)
  const backup = { public_key: ed25519Key(73), signer_account_pk: await publicKeyOf(sidecar) }
  t.is((await deployed.call(op3, 'register_backup_service', { backup_service_info: backup }, ONE)).panic, null)
  const asked = {
    participant_info: { url: 'http://again.example:80', tls_public_key: ed25519Key(80) },
    signer_account_pk: ed25519Key(81),
  }
  for (const [operator, n] of [
    [op3, 80],
    [op0, 82],
  ] as const) {
    const participant_info = { ...asked.participant_info, tls_public_key: ed25519Key(n) }
    const { panic } = await deployed.call(
      operator,
      'submit_participant_recovery_info',
      { ...asked, participant_info },
      ONE,
    )
    t.is(panic, null)
  }
  t.is(Object.keys((await deployed.view('state')).Recovery.recovering).length, 2)
  const wanted = await proposal(deployed, { keep: [op0, op1, op2, newcomer] })
  t.is((await deployed.call(op3, 'vote_new_parameters', wanted)).code, 'NOT_PARTICIPANT')
  for (const account of [op0, op1, op2, newcomer]) {
    t.is((await deployed.call(account, 'vote_new_parameters', wanted)).panic, null)
  }
  const { Resharing } = await deployed.view('state')
  t.is(Resharing.previous_running_state.keyset.epoch_id, 2)
  t.is((await deployed.call(op0, 'conclude_recovery', { keyset: {} })).code, 'WRONG_STATE')
  await reshare(deployed, 3, [op0, op1, op2, newNode], [2, 3])
  const { Running } = await deployed.view('state')
  t.is(Running.keyset.epoch_id, 3)
  t.deepEqual(
    Running.parameters.participants.participants.map(([, id]: [string, number]) => id),
    [0, 1, 2, 4],
  )
  t.false(op3.accountId in (await deployed.view('migration_info')))
  t.is((await deployed.call(op3, 'submit_participant_recovery_info', asked, ONE)).code, 'NOT_PARTICIPANT')
  t.is((await deployed.call(op0, 'submit_participant_recovery_info', asked, ONE)).panic, null, 'no cooldown')
  t.is((await deployed.call(op0, 'cancel_recovery', {}, ONE)).panic, null)
})
