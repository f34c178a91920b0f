import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildContract } from '../../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../../scripts/contract-build/paths.ts'
import { parseJson, stringifyJson } from '../../../protocol/src/json.ts'
import { groupKey } from '../support/keys.ts'
import { compileWasm } from '../support/compile-wasm.ts'
import { domain } from '../support/world.ts'
import { ALICE, BOB, CAROL, CONTRACT, DAVE, everybody, keyOf, nodeInfo } from './cast.ts'
import { execute, type Moment, view } from './chain.ts'

/** The states of the contract, and within them the situations that make a difference to somebody. */
export const STATES = [
  'NotInitialized',
  'Initializing, no attempt',
  'Initializing, attempt under way',
  'Running',
  'Recovery of another participant',
  'Recovery of this participant',
  'Resharing, no attempt',
  'Resharing, attempt under way',
] as const
export type StateName = (typeof STATES)[number]

const MEMBERS = [ALICE, BOB, CAROL]
const THRESHOLD = 2
/** The hash of the code that one participant has proposed. */
export const PROPOSED_CODE = '0123456789abcdef'.repeat(4)

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- views are JSON
export type Json = any

/** The compiled contract in every state, each reached by the calls that lead there. */
export async function everyState(): Promise<Record<StateName, Moment>> {
  await buildContract(DEFAULT_OUT)
  const wasm = new Uint8Array(readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')))
  const NotInitialized: Moment = {
    accounts: everybody(wasm, compileWasm('relay.c')),
    height: 100,
    now: 1_700_000_000_000_000_000n,
  }
  const running = settled(generateKeys(addDomains(must(NotInitialized, CONTRACT, 'init', initArguments()), 0)))
  const idle = addDomains(running, 2)
  const resharing = admit(running)
  return {
    NotInitialized,
    'Initializing, no attempt': idle,
    'Initializing, attempt under way': must(idle, ALICE, 'start_keygen_instance', { key_event_id: keyEventOf(idle) }),
    Running: running,
    'Recovery of another participant': recover(running, BOB),
    'Recovery of this participant': recover(running, ALICE),
    'Resharing, no attempt': resharing,
    'Resharing, attempt under way': must(resharing, ALICE, 'start_reshare_instance', {
      key_event_id: keyEventOf(resharing),
    }),
  }
}

export function initArguments(): Json {
  const participants = MEMBERS.map((id, index) => [id, index, nodeInfo(id, id === ALICE ? 'old tls' : 'tls')])
  return { parameters: { participants: { next_id: MEMBERS.length, participants }, threshold: THRESHOLD } }
}

/** The contract's `state()`, without its tag. */
export function bodyOf(moment: Moment): Json {
  const { text, ...ending } = view(moment, CONTRACT, 'state', new TextEncoder().encode('{}'))
  if (ending.kind !== 'done') throw new Error(`state failed: ${JSON.stringify(ending)}`)
  return Object.values(parseJson(text ?? '', 'state') as object)[0]
}

/** What a vote or a start must name at this moment. */
export function keyEventOf(moment: Moment): Json {
  const { generating_key, resharing_key } = bodyOf(moment)
  const event = generating_key ?? resharing_key
  return {
    epoch_id: event.epoch_id,
    domain_id: event.domain.id,
    attempt_id: event.instance?.attempt_id ?? event.next_attempt_id,
  }
}

/** The proposal to let the candidate in, as a client would make it at this moment. */
export function admission(moment: Moment): Json {
  const body = bodyOf(moment)
  const { keyset, parameters } = body.previous_running_state ?? body
  const { next_id, participants } = parameters?.participants ?? initArguments().parameters.participants
  return {
    prospective_epoch_id: (keyset?.epoch_id ?? 0) + 1,
    proposal: {
      parameters: {
        participants: { next_id: next_id + 1, participants: [...participants, [DAVE, next_id, nodeInfo(DAVE, 'tls')]] },
        threshold: THRESHOLD + 1,
      },
      per_domain_thresholds: {},
    },
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

function addDomains(moment: Moment, first: number): Moment {
  const domains = [domain(first, 'Frost'), domain(first + 1, 'CaitSith')]
  return MEMBERS.reduce((now, id) => must(now, id, 'vote_add_domains', { domains }), moment)
}

function generateKeys(moment: Moment): Moment {
  let now = moment
  for (const { id, protocol, reconstruction_threshold } of bodyOf(moment).domains.domains) {
    const key_event_id = keyEventOf(now)
    const agreed = groupKey(protocol, reconstruction_threshold, id + 1)
    now = must(now, ALICE, 'start_keygen_instance', { key_event_id })
    for (const member of MEMBERS) now = must(now, member, 'vote_pk', { key_event_id, ...agreed })
  }
  return now
}

/** Running, with everything an operator can have: a replaced node, a backup service, an authorised and migrating node; and a proposed update. */
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

/** Everybody has voted for the admission of the candidate. */
function admit(moment: Moment): Moment {
  return [...MEMBERS, DAVE].reduce((now, id) => must(now, id, 'vote_new_parameters', admission(moment)), moment)
}

function recover(moment: Moment, id: string): Moment {
  const args = { participant_info: nodeInfo(id, 'next tls'), signer_account_pk: keyOf(id, 'next') }
  return must(moment, id, 'submit_participant_recovery_info', args, 1n)
}
