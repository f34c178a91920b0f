import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { STORAGE_PRICE } from '../../../localnet/src/runtime/fees.ts'
import { keysetDigest } from '../../../protocol/src/keyset-digest.ts'
import { CANDIDATES_MAX } from '../../src/candidates.ts'
import { PROPOSALS_CHARACTERS_MAX } from '../../src/new-parameters.ts'
import { ed25519Key } from '../support/keys.ts'
import { domain } from '../support/world.ts'
import { CALLER_NAMES } from './callers.ts'
import { CONTRACT, keyOf } from './cast.ts'
import { account, closeChain, execute, type Moment, view } from './chain.ts'
import { outcomeOf } from './permission-rules.ts'
import { PERMISSIONS } from './permissions.ts'
import type { Json } from './reading.ts'
import { everyState, STATES } from './states.ts'

/**
 * How much the contract can be made to store, and by whom, with the longest of everything: accounts of 64 characters, urls
 * of 256. What the README says of it is what is measured here.
 */
const { NotInitialized } = await everyState()
const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

test.after.always(closeChain)

const KEY = ed25519Key(0)
const NEAR = 10n ** 24n
/** The keyset of a network that has generated no key yet. */
const NO_KEYS = keysetDigest({ epoch_id: 0n, domains: [] })

function accountId(kind: 'member' | 'stranger', n: number): string {
  return `${kind}${n}`.padStart(64, '0')
}

function longInfo(n: number): Json {
  return { url: `http://${n}`.padEnd(256, 'x'), tls_public_key: ed25519Key(1000 + n) }
}

/** The contract and what has become of it by the calls so far. */
class Network {
  readonly members: Json[]
  #moment: Moment

  /** Running, with so many participants, and with as many strangers about. */
  constructor(members: number, strangers: number) {
    const accounts = new Map(NotInitialized.accounts)
    const owned = account({ [KEY]: { kind: 'full' } })
    for (let i = 0; i < members; i++) accounts.set(accountId('member', i), owned)
    for (let i = 0; i < strangers; i++) accounts.set(accountId('stranger', i), owned)
    this.#moment = { ...NotInitialized, accounts }
    this.members = Array.from({ length: members }, (_, i) => [accountId('member', i), i, longInfo(i)])
    const participants = { next_id: members, participants: this.members }
    const parameters = { participants, threshold: Math.ceil(0.6 * members) }
    this.call(CONTRACT, 'init', { parameters }, 0n, keyOf(CONTRACT, 'owner'))
  }

  /** Calls a method, which must succeed. Returns what it cost in Tgas. */
  call(signer: string, method: string, args: Json, deposit = 0n, key = KEY): number {
    const input = new TextEncoder().encode(JSON.stringify(args))
    const executed = execute(this.#moment, { signer, key, receiver: CONTRACT, method, input, deposit })
    if (executed.ending.kind !== 'done') throw new Error(`${method}: ${JSON.stringify(executed.ending)}`)
    this.#moment = executed.after
    return executed.tgas
  }

  view(method: string): string {
    const { text, ...ending } = view(this.#moment, CONTRACT, method, new TextEncoder().encode('{}'))
    if (ending.kind !== 'done') throw new Error(`${method}: ${JSON.stringify(ending)}`)
    return text ?? ''
  }

  /** What the contract's account pays for. */
  bytes(): number {
    return this.#moment.accounts.get(CONTRACT)?.storageUsage ?? 0
  }
}

/** A line of the README's table: `| what | who | bytes | NEAR |`. */
function readmeLine(what: string): { bytes: number; near: string } {
  const cells = readme
    .split('\n')
    .find((line) => line.startsWith(`| ${what} `))
    ?.split('|')
  const [, , , bytes, near] = (cells ?? []).map((cell) => cell.trim())
  return { bytes: Number(bytes?.replaceAll(',', '')), near: near ?? '' }
}

function inNear(bytes: number): string {
  return (Number((STORAGE_PRICE * BigInt(bytes) * 1000n) / NEAR) / 1000).toFixed(2)
}

test.serial('strangers - can make the contract store nothing but their candidacy', (t) => {
  const strangers = CALLER_NAMES.filter((name) => ['former', 'outsider', 'throughRelay'].includes(name))
  const open = Object.entries(PERMISSIONS).filter(([, rules]) =>
    strangers.some((caller) =>
      STATES.some((state) => state !== 'NotInitialized' && outcomeOf(rules, caller, state) === 'allowed'),
    ),
  )
  t.deepEqual(
    open.map(([method]) => method),
    // code is what the participants have voted for, whoever deploys it
    ['submit_participant_info', 'deploy_update'],
  )
})

test.serial('strangers - can make the contract store as much as the README says, however many they are', (t) => {
  const network = new Network(2, CANDIDATES_MAX + 16)
  const before = network.bytes()
  let dearest = 0
  for (let i = 0; i < CANDIDATES_MAX + 16; i++) {
    const args = { participant_info: longInfo(100 + i), signer_account_pk: ed25519Key(5000 + i) }
    dearest = Math.max(dearest, network.call(accountId('stranger', i), 'submit_participant_info', args))
  }
  const { bytes, near } = readmeLine('candidacies')
  t.is(network.bytes() - before, bytes)
  t.is(near, inNear(bytes))
  // what a wallet attaches by itself is enough for the next honest one
  t.true(dearest < 30, `${dearest} Tgas`)
  t.is(Object.keys(JSON.parse(network.view('participant_candidates'))).length, CANDIDATES_MAX)
})

test.serial(
  'a participant - can make the contract store as much as the README says, and no more by repeating it',
  (t) => {
    const network = new Network(2, 0)
    const [me] = network.members[0] as [string]
    const before = network.bytes()
    const fill = (n: number): void => {
      const { url, tls_public_key } = longInfo(300 + n)
      const signer_account_pk = ed25519Key(400 + n)
      const backup_service_info = { public_key: ed25519Key(500 + n), signer_account_pk: KEY }
      network.call(me, 'register_backup_service', { backup_service_info }, 1n)
      network.call(me, 'authorize_node', { tls_public_key, signer_account_pk }, 1n)
      const destination_node_info = { signer_account_pk, destination_node_info: { url, tls_public_key } }
      network.call(me, 'start_node_migration', { destination_node_info }, 1n)
      const domains = Array.from({ length: 32 - n }, (_, id) => domain(id, 'ConfidentialKeyDerivation', 2))
      network.call(me, 'vote_add_domains', { domains })
      network.call(me, 'propose_update', { code_hash: String(n).repeat(64) })
      for (const kind of ['stored', 'drilled']) {
        const receipt = { epoch_id: 0, keyset_digest: NO_KEYS, ciphertext_sha256: 'f'.repeat(64), kind }
        network.call(me, 'report_backup', { receipt }, 0n, KEY)
      }
    }
    fill(1)
    fill(0)
    const participant_info = longInfo(600)
    network.call(me, 'submit_participant_recovery_info', { participant_info, signer_account_pk: ed25519Key(601) }, 1n)
    const { bytes, near } = readmeLine('one participant’s records')
    t.is(network.bytes() - before, bytes)
    t.is(near, inNear(bytes))
  },
)

test.serial('state - should stay readable with a vote of everybody for the longest proposal', (t) => {
  const [present, joining] = [20, CANDIDATES_MAX]
  const network = new Network(present, joining)
  const newcomers = Array.from({ length: joining }, (_, i) => [
    accountId('stranger', i),
    present + i,
    longInfo(100 + i),
  ])
  for (const [id, , participant_info] of newcomers) network.call(id, 'submit_participant_info', { participant_info })
  const everybody = [...network.members, ...newcomers]
  const participants = { next_id: everybody.length, participants: everybody }
  const threshold = Math.ceil(0.6 * everybody.length)
  const proposal = { parameters: { participants, threshold }, per_domain_thresholds: {} }
  // the last vote would begin the resharing
  for (const [id] of everybody.slice(0, -1)) {
    network.call(id, 'vote_new_parameters', { prospective_epoch_id: 1, proposal })
  }
  const { Running } = JSON.parse(network.view('state')) as Json
  t.is(Object.keys(Running.parameters_votes.proposal_by_account).length, everybody.length - 1)
  const { bytes, near } = readmeLine('proposals of new parameters')
  t.is(bytes, PROPOSALS_CHARACTERS_MAX)
  t.is(near, inNear(bytes))
})
