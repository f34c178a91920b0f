import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContract } from '../../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../../scripts/contract-build/paths.ts'
import { stringifyJson } from '../../../protocol/src/json.ts'
import { compileWasm } from '../support/compile-wasm.ts'
import { groupKey } from '../support/keys.ts'
import { domain } from '../support/world.ts'
import { ALICE, BOB, CAROL, CONTRACT, DAVE, ERIN, everybody, keyOf, nodeInfo } from './cast.ts'
import { execute, type Moment } from './chain.ts'
import { admission, bodyOf, dismissal, FIRST_MEMBERS, initArguments, keyEventOf, MEMBERS } from './reading.ts'

/** The states of the contract, and within them the situations that make a difference to somebody. */
export const STATES = [
  'NotInitialized',
  'Initializing, no attempt',
  'Initializing, attempt under way',
  'Running',
  'Running, an update voted for',
  'Recovery of another participant',
  'Recovery of this participant',
  'Resharing, no attempt',
  'Resharing, attempt under way',
] as const
export type StateName = (typeof STATES)[number]

/** The hash of the code that one participant has proposed. */
export const PROPOSED_CODE = '0123456789abcdef'.repeat(4)

/** The contract's wasm, which is also the update that is voted for. */
export async function contractCode(): Promise<Uint8Array> {
  await buildContract(DEFAULT_OUT)
  return new Uint8Array(readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')))
}

/** The compiled contract in every state, each reached by the calls that lead there. */
export async function everyState(): Promise<Record<StateName, Moment>> {
  const wasm = await contractCode()
  const NotInitialized: Moment = {
    accounts: everybody(wasm, compileWasm('relay.c')),
    height: 100,
    now: 1_700_000_000_000_000_000n,
  }
  const founded = must(NotInitialized, CONTRACT, 'init', initArguments())
  const running = settled(withoutErin(generateKeys(addDomains(founded, FIRST_MEMBERS, 0))))
  const initializing = addDomains(running, MEMBERS, 2)
  const resharing = [...MEMBERS, DAVE].reduce(
    (now, id) => must(now, id, 'vote_new_parameters', admission(now)),
    running,
  )
  const code_hash = createHash('sha256').update(wasm).digest('hex')
  return {
    NotInitialized,
    'Initializing, no attempt': initializing,
    'Initializing, attempt under way': start(initializing, 'start_keygen_instance', keyOf(ALICE, 'node')),
    Running: running,
    'Running, an update voted for': [ALICE, BOB].reduce(
      (now, id) => must(now, id, 'propose_update', { code_hash }),
      running,
    ),
    'Recovery of another participant': recover(running, BOB),
    'Recovery of this participant': recover(running, ALICE),
    'Resharing, no attempt': resharing,
    'Resharing, attempt under way': start(resharing, 'start_reshare_instance', keyOf(ALICE, 'node')),
  }
}

/** A call that must succeed, with the account's own key unless another is named. */
function must(
  moment: Moment,
  id: string,
  method: string,
  args: unknown,
  deposit = 0n,
  key = keyOf(id, 'owner'),
): Moment {
  const input = new TextEncoder().encode(stringifyJson(args))
  const { ending, after } = execute(moment, { signer: id, key, receiver: CONTRACT, method, input, deposit })
  if (ending.kind !== 'done') throw new Error(`${method} of ${id}: ${JSON.stringify(ending)}`)
  return after
}

function addDomains(moment: Moment, members: readonly string[], first: number): Moment {
  const domains = [domain(first, 'Frost'), domain(first + 1, 'CaitSith')]
  return members.reduce((now, id) => must(now, id, 'vote_add_domains', { domains }), moment)
}

/** The leader starts the attempt that is due: once its node was replaced, with that one's key. */
function start(
  moment: Moment,
  method: 'start_keygen_instance' | 'start_reshare_instance',
  key = keyOf(ALICE, 'owner'),
): Moment {
  return must(moment, ALICE, method, { key_event_id: keyEventOf(moment) }, 0n, key)
}

function generateKeys(moment: Moment): Moment {
  let now = moment
  for (const { id, protocol, reconstruction_threshold } of bodyOf(moment).domains.domains) {
    const key_event_id = keyEventOf(now)
    const agreed = groupKey(protocol, reconstruction_threshold, id + 1)
    now = start(now, 'start_keygen_instance')
    for (const member of FIRST_MEMBERS) now = must(now, member, 'vote_pk', { key_event_id, ...agreed })
  }
  return now
}

/** One of the first members, with all that a participant can have, is dismissed. */
function withoutErin(moment: Moment): Moment {
  const { domains } = bodyOf(moment).domains
  const backup_service_info = { public_key: keyOf(ERIN, 'backup tls') }
  let now = must(moment, ERIN, 'register_backup_service', { backup_service_info }, 1n)
  const next = { tls_public_key: keyOf(ERIN, 'next tls'), signer_account_pk: keyOf(ERIN, 'next') }
  now = must(now, ERIN, 'authorize_node', next, 1n)
  now = must(now, ERIN, 'propose_update', { code_hash: PROPOSED_CODE })
  for (const member of MEMBERS) now = must(now, member, 'vote_new_parameters', dismissal(now))
  for (const { id, protocol, reconstruction_threshold } of domains) {
    const key_event_id = keyEventOf(now)
    const { commitments } = groupKey(protocol, reconstruction_threshold, id + 1)
    now = start(now, 'start_reshare_instance')
    for (const member of MEMBERS) now = must(now, member, 'vote_reshared', { key_event_id, commitments })
  }
  return now
}

/**
 * Running, with everything an operator can have: a replaced node, a backup service, an authorised and migrating node; and
 * with a candidate and a proposed update.
 */
function settled(moment: Moment): Moment {
  const by = (now: Moment, method: string, args: unknown) => must(now, ALICE, method, args, 1n)
  const { keyset } = bodyOf(moment)
  const replacement = { signer_account_pk: keyOf(ALICE, 'node'), destination_node_info: nodeInfo(ALICE, 'tls') }
  const next = { signer_account_pk: keyOf(ALICE, 'next'), destination_node_info: nodeInfo(ALICE, 'next tls') }
  let now = by(moment, 'start_node_migration', { destination_node_info: replacement })
  now = must(now, ALICE, 'conclude_node_migration', { keyset }, 0n, keyOf(ALICE, 'node'))
  const backup_service_info = { public_key: keyOf(ALICE, 'backup tls'), signer_account_pk: keyOf(ALICE, 'backup') }
  now = by(now, 'register_backup_service', { backup_service_info })
  now = by(now, 'authorize_node', {
    tls_public_key: keyOf(ALICE, 'next tls'),
    signer_account_pk: keyOf(ALICE, 'next'),
    expires_in_seconds: 30 * 24 * 60 * 60,
  })
  now = by(now, 'start_node_migration', { destination_node_info: next })
  now = must(now, CAROL, 'propose_update', { code_hash: PROPOSED_CODE })
  return must(now, DAVE, 'submit_participant_info', { participant_info: nodeInfo(DAVE, 'tls') })
}

function recover(moment: Moment, id: string): Moment {
  const args = { participant_info: nodeInfo(id, 'next tls'), signer_account_pk: keyOf(id, 'next') }
  return must(moment, id, 'submit_participant_recovery_info', args, 1n)
}
