import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { curveOf } from '../src/validation/domains.ts'
import { groupKey } from '../src/validation/group-key.ts'
import { againstResult } from './support/abi.ts'
import { cryptography } from './support/cryptography.ts'
import { CONTRACT, World } from './support/world.ts'

/**
 * near/mpc's deployed contract, call by call (tests/vectors/near-mpc-contract.json): what it accepts, from key generation
 * over a migration to the end of a resharing, ours accepts with the same arguments, what it refuses ours refuses, and
 * `state` and `migration_info` say the same where near/mpc has the field.
 */
interface Case {
  case: string
  caller: string
  signer_pk: string
  method: string
  args: unknown
  deposit: string
  height: number
  ok: boolean
  return_text: string | null
  error: string | null
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../tests/vectors/near-mpc-contract.json'), 'utf8'),
) as { cases: Case[] }

/** Their calls that ours has in this form; ours wants commitments where the key is not BLS, which are made up below. */
const SHARED = [
  'vote_add_domains',
  'start_keygen_instance',
  'vote_abort_key_event_instance',
  'vote_pk',
  'register_backup_service',
  'start_node_migration',
  'conclude_node_migration',
  'update_participant_url',
  'vote_new_parameters',
  'start_reshare_instance',
  'vote_reshared',
] as const
type Shared = (typeof SHARED)[number]

/** Attestations are near/mpc's alone. */
const THEIRS_ALONE = ['conclude without attestation of the new key']

/** Our code for what near/mpc refuses in its own words: the checks come in the same order. */
const OUR_CODES: [theirs: string, ours: string][] = [
  ['Node does not have an ongoing recovery', 'MIGRATION_NOT_FOUND'],
  ['Attached deposit is lower than required', 'DEPOSIT_REQUIRED'],
  ['Not a participant', 'NOT_PARTICIPANT'],
  ['The submitted keyset differs', 'KEYSET_MISMATCH'],
  ['submitted by a different public key', 'WRONG_SIGNER_KEY'],
  ['The protocol is not Running', 'WRONG_STATE'],
]

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of two contracts
type Json = any

test('near/mpc - should find its own JSON in our state to the end of a resharing, and its refusals in ours', (t) => {
  const world = new World()
  let compared = 0
  const refusals = new Set<string>()
  for (const recorded of cases) {
    if (THEIRS_ALONE.includes(recorded.case)) continue
    world.height = recorded.height
    if (recorded.method === 'init') {
      world.do(CONTRACT, 'init', recorded.args)
    } else if (recorded.method === 'state' && recorded.ok) {
      assertContains(t.deepEqual.bind(t), world.state(), JSON.parse(recorded.return_text!), recorded.case)
      compared++
    } else if (recorded.method === 'migration_info') {
      t.deepEqual(world.migrationInfo(), JSON.parse(recorded.return_text!), recorded.case)
      compared++
    } else if (recorded.case === 'candidate submits its info') {
      submitCandidate(world, recorded.caller)
    } else if ((SHARED as readonly string[]).includes(recorded.method)) {
      const through = recorded.case.includes('through another contract')
      const by = {
        account: recorded.caller,
        deposit: BigInt(recorded.deposit),
        key: recorded.signer_pk,
        ...(through ? { signer: 'someone.near' } : {}),
      }
      const { refused, code } = world.call(by, recorded.method as Shared, withCommitments(world, recorded))
      t.is(refused === null, recorded.ok, `${recorded.case}: ${refused}`)
      const [, expected] = OUR_CODES.find(([theirs]) => recorded.error?.includes(theirs)) ?? []
      if (expected !== undefined) {
        t.is(code, expected, recorded.case)
        refusals.add(expected)
      }
    }
  }
  t.is(compared, 19, `${compared} states compared`)
  t.is(refusals.size, 6, `refusals met: ${[...refusals].join()}`)
})

test('near/mpc - should accept the group keys of its mainnet', (t) => {
  const { Running } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../tests/vectors/near-mpc-mainnet-state.json'), 'utf8'),
  ) as Json
  const [secp256k1, ed25519] = Running.keyset.domains
  t.deepEqual(groupKey(secp256k1.key.Secp256k1.near_public_key, 'Secp256k1', cryptography).key, secp256k1.key)
  t.deepEqual(groupKey(ed25519.key.Ed25519.near_public_key_compressed, 'Edwards25519', cryptography).key, ed25519.key)
})

test('near/mpc - should be able to bring its mainnet participants along', (t) => {
  const { Running } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../tests/vectors/near-mpc-mainnet-state.json'), 'utf8'),
  ) as Json
  const world = new World()
  world.do(CONTRACT, 'init', { parameters: Running.parameters, init_config: null })
  assertContains(t.deepEqual.bind(t), world.body().parameters, Running.parameters, 'parameters')
})

test('near/mpc - should show its mainnet’s state field for field, were it ours', (t) => {
  const { Running } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../tests/vectors/near-mpc-mainnet-state.json'), 'utf8'),
  ) as Json
  const world = new World()
  world.do(CONTRACT, 'init', { parameters: Running.parameters, init_config: null })
  // near/mpc no longer has the field: it follows from the protocol
  const domains = Running.domains.domains.map(({ curve, ...domain }: Json) => {
    t.is(curveOf(domain.protocol), curve)
    return domain
  })
  const ledger = world.ledger()
  ledger.domains.write({ ...Running.domains, domains })
  ledger.keyset.write(Running.keyset)
  for (const { domain_id } of Running.keyset.domains) ledger.setCommitmentsText(4, domain_id, 'null')
  ledger.save()
  const expected = { Running: { ...Running, domains: { ...Running.domains, domains } } }
  assertContains(t.deepEqual.bind(t), world.state(), expected, 'mainnet')
  t.is(againstResult('state', world.state()), null)
})

/** Their candidates submit an attestation, ours where they are: the info that the votes that follow have. */
function submitCandidate(world: World, account: string): void {
  const vote = cases.find(({ method }) => method === 'vote_new_parameters')?.args as Json
  const members = vote.proposal.parameters.participants.participants as [string, number, object][]
  const [, , participant_info] = members.find(([id]) => id === account)!
  world.do(account, 'submit_participant_info', { participant_info })
}

function withCommitments(world: World, { method, args }: Case): unknown {
  if (method !== 'vote_pk' && method !== 'vote_reshared') return args
  const public_key =
    method === 'vote_pk' ? (args as Json).public_key : keyOf(world, (args as Json).key_event_id.domain_id)
  const [prefix] = public_key.split(':')
  if (prefix === 'bls12381g2') return args
  const { hex } = groupKey(public_key, prefix === 'ed25519' ? 'Edwards25519' : 'Secp256k1', cryptography)
  // twice the group key is a polynomial like any other, as far as the contract can see
  return { ...(args as object), commitments: [hex, hex] }
}

/** The near text of a live key. */
function keyOf(world: World, domain: number): string {
  const { key } = world.body().previous_running_state.keyset.domains[domain]
  const { near_public_key, near_public_key_compressed, public_key } = Object.values(key)[0] as Json
  return near_public_key ?? near_public_key_compressed ?? public_key
}

/** Every field of theirs is in ours with the same value; ours may have more. */
function assertContains(
  equal: (a: unknown, b: unknown, m: string) => void,
  ours: Json,
  theirs: Json,
  path: string,
): void {
  if (typeof theirs !== 'object' || theirs === null) {
    equal(ours, theirs, path)
    return
  }
  if (Array.isArray(theirs)) equal(ours?.length, theirs.length, `${path}.length`)
  for (const key of Object.keys(theirs)) assertContains(equal, ours?.[key], theirs[key], `${path}.${key}`)
}
