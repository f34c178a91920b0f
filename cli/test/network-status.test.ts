import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import { parseRecoverability } from '@holdfast/protocol/recoverability.ts'
import { networkStatus, type NetworkFacts } from '../src/network-status/network-status.ts'
import { agreedOrUnknown } from '../src/network-status/read-network.ts'
import { renderStatus } from '../src/network-status/render-status.ts'

const TLS = 'ed25519:GyPGVtCXN1sVrUQkJ7F7nbAYpzqBBLT1aaDpr1XmZDfC'
const KEY = 'ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp'
const HASH = 'ab'.repeat(32)
const NOW = Date.parse('2026-01-02T00:00:00Z')
const YESTERDAY = '1767225600000000000'

const state = {
  Running: {
    domains: {
      domains: [{ id: 0, protocol: 'Frost', reconstruction_threshold: 2, purpose: 'Sign' }],
      next_domain_id: 1,
    },
    keyset: {
      epoch_id: 4,
      domains: [{ domain_id: 0, key: { Ed25519: { near_public_key_compressed: KEY } }, attempt: 0, commitments: null }],
    },
    parameters: {
      participants: {
        next_id: 3,
        participants: ['a.near', 'b.near', 'c.near'].map((id, i) => [
          id,
          i,
          { url: 'http://n:1', tls_public_key: TLS },
        ]),
      },
      threshold: 2,
    },
    participants_revision: 0,
  },
}
const counts = { participants: 3, live: 3, stored: 2, drilled: 1 }
const recoverability = {
  level: 'degraded',
  epoch_id: 4,
  domains: [{ domain_id: 0, reconstruction_threshold: 2, ...counts, level: 'degraded' }],
  operators: {
    'a.near': { live: true, stored_at: YESTERDAY, drilled_at: YESTERDAY },
    'b.near': { live: true, stored_at: YESTERDAY, drilled_at: null },
    'c.near': { live: true, stored_at: null, drilled_at: null },
  },
}

function facts(changes: Partial<NetworkFacts> = {}): NetworkFacts {
  return {
    view: {
      block: { height: 7n, hash: 'h', timestampMs: NOW },
      state: parseProtocolState(state as never),
      migrationInfo: {},
      stateJson: state as never,
    },
    recoverability: parseRecoverability(recoverability as never),
    updateVotes: {},
    fullAccessKeys: [],
    ...changes,
  }
}

function rendered(of: NetworkFacts): string {
  return stripVTControlCharacters(renderStatus(networkStatus(of), 'mpc.near', NOW))
}

test('status - should say per key how many are live, stored and drilled, and the level', (t) => {
  const status = networkStatus(facts())
  t.is(status.level, 'degraded')
  t.like(status.keys[0], { live: 3, stored: 2, drilled: 1, level: 'degraded', can_sign: true })
  t.deepEqual(
    status.operators.map(({ stored_at, drilled_at }) => [stored_at, drilled_at]),
    [
      ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
      ['2026-01-01T00:00:00.000Z', null],
      [null, null],
    ],
  )
  const text = rendered(facts())
  t.regex(text, /\ndegraded: /)
  t.regex(text, new RegExp(`\n0 +3 of 3 +2 +2 +1 +degraded +${KEY}\n`))
  t.regex(text, /a\.near .* 1 d ago +1 d ago/)
  t.regex(text, /b\.near .* 1 d ago +never/)
  t.regex(text, /c\.near .* never +never/)
})

test('status - should admit what a contract without receipts does not say', (t) => {
  const status = networkStatus(facts({ recoverability: null }))
  t.is(status.level, null)
  t.like(status.keys[0], { live: 3, stored: null, drilled: null, level: null })
  t.regex(rendered(facts({ recoverability: null })), /\n0 +3 of 3 +2 +not said +not said +not said +ed25519/)
})

test('status - should show a planned move, and where it cannot be concluded now', (t) => {
  const found = facts()
  const to = { signer_account_pk: KEY, destination_node_info: { url: 'http://new:3000', tls_public_key: KEY } } as const
  const view = { ...found.view, migrationInfo: { 'b.near': [null, to] } } satisfies NetworkFacts['view']
  const moving = facts({ view })
  t.deepEqual(networkStatus(moving).operators[1]?.planned_move, {
    destination_url: 'http://new:3000',
    destination_tls_key: KEY,
    destination_signer_key: KEY,
  })
  t.is(networkStatus(moving).operators[0]?.planned_move, null)
  t.regex(
    rendered(moving),
    new RegExp(`\nplanned move of b\\.near from http://n:1 to http://new:3000, TLS key ${KEY}; .* has concluded$`),
  )
  t.notRegex(rendered(found), /planned move/)
  const resharing = { ...networkStatus(moving), state: 'Resharing' as const }
  t.regex(renderStatus(resharing, 'mpc.near', NOW), /; nothing is concluded in Resharing$/)
})

test('status - should warn of keys that replace the contract without a vote, or say that it does not know', (t) => {
  const warned = facts({ fullAccessKeys: [KEY, TLS] })
  t.deepEqual(networkStatus(warned).contract_full_access_keys, [KEY, TLS])
  t.regex(
    rendered(warned),
    new RegExp(
      `warning for governance: mpc\\.near has 2 full-access key.*delete-keys mpc\\.near public-keys ${KEY},${TLS}$`,
    ),
  )
  t.notRegex(rendered(facts()), /full-access/)
  const unknown = facts({ fullAccessKeys: { unknown: 'the RPC endpoints disagree' } })
  t.is(networkStatus(unknown).contract_full_access_keys, null)
  t.regex(rendered(unknown), /whether mpc\.near has a full-access key is not known: the RPC endpoints disagree$/)
})

test('full-access keys - should be what a quorum lists, and none only where a quorum lists none', (t) => {
  t.deepEqual(agreedOrUnknown([[KEY], [KEY], []], 2), [KEY])
  t.deepEqual(agreedOrUnknown([[], [], [KEY]], 2), [])
  t.deepEqual(agreedOrUnknown([[KEY], []], 2), { unknown: 'the RPC endpoints disagree' })
  t.deepEqual(agreedOrUnknown([[KEY], [TLS], []], 2), { unknown: 'the RPC endpoints disagree' })
  t.deepEqual(agreedOrUnknown([[KEY, KEY], []], 2), { unknown: 'the RPC endpoints disagree' }, 'one votes once')
})

test('status - should show the code that operators vote for, and when it may be deployed', (t) => {
  const one = facts({ updateVotes: { 'a.near': HASH } })
  t.deepEqual(networkStatus(one).updates, [{ code_hash: HASH, voters: ['a.near'], votes_needed: 2 }])
  t.regex(rendered(one), new RegExp(`update ${HASH}: 1 of 2 votes \\(a\\.near\\)$`))
  t.regex(rendered(facts({ updateVotes: { 'a.near': HASH, 'b.near': HASH } })), /2 of 2 votes .*deploy-update$/)
})
