import { readFileSync } from 'node:fs'
import test from 'ava'
import { parseKeyset, parseMigrationInfo, parseProtocolState, type ProtocolState } from '../src/contract-state.ts'
import { parseJson, stringifyJson, type Json } from '../src/json.ts'
import { liveKeyset, liveRunningState, participantOf, participantsOf } from '../src/live-state.ts'
import { KEYSET_TEXT } from './support/keyshare-vectors.ts'
import { readVectors } from './support/vectors.ts'

type Case = { case: string; method: string; ok: boolean; return_text: string | null }
const { cases } = readVectors<{ cases: Case[] }>('near-mpc-contract.json')
const answers = (method: string) => cases.filter((c) => c.method === method && c.ok)

function recorded(name: string): ProtocolState {
  const text = cases.find((c) => c.case === name)?.return_text ?? ''
  return parseProtocolState(parseJson(text, name))
}

for (const { case: name, return_text } of answers('state')) {
  test(`recorded ${name} - should parse, and its JSON come back digit for digit`, (t) => {
    const text = return_text ?? ''
    const json = parseJson(text, name)
    t.is(stringifyJson(json), text)
    const parsed = parseProtocolState(json)
    t.true(parsed.kind !== 'NotInitialized' && text.startsWith(`{"${parsed.kind}":`))
  })
}

for (const { case: name, return_text } of answers('migration_info')) {
  test(`recorded ${name} - should parse`, (t) => {
    const info = parseMigrationInfo(parseJson(return_text ?? '', name))
    t.deepEqual(Object.keys(info), Object.keys(JSON.parse(return_text ?? '{}') as object))
    t.regex(info['op0.near']?.[0]?.public_key ?? '', /^ed25519:/)
  })
}

test('the mainnet state - should parse with all its participants and both keys', (t) => {
  const state = parseProtocolState(readVectors<Json>('near-mpc-mainnet-state.json'))
  t.is(state.kind, 'Running')
  t.is(liveKeyset(state)?.epoch_id, 4n)
  t.deepEqual(
    liveKeyset(state)?.domains.map((domain) => [domain.domain_id, domain.commitments]),
    [
      [0n, null],
      [1n, null],
    ],
  )
  t.is(participantsOf(state).length, liveRunningState(state)?.parameters.participants.participants.length ?? 0)
  for (const { info } of participantsOf(state)) t.is(info.incarnation, 0n)
})

test('the mainnet state - should come back digit for digit', (t) => {
  const text = readFileSync(new URL('../../tests/vectors/near-mpc-mainnet-state.json', import.meta.url), 'utf8')
  const numbers = (json: string) => json.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').match(/[0-9]+/g)
  const written = stringifyJson(parseJson(text, 'state'))
  t.deepEqual(numbers(written), numbers(text))
  t.deepEqual(JSON.parse(written), JSON.parse(text))
})

test('a keyset - should keep attempts of 2^64-1 and 2^53', (t) => {
  const keyset = parseKeyset(parseJson(KEYSET_TEXT, 'keyset'), 'keyset')
  t.deepEqual(
    keyset.domains.map((domain) => domain.attempt),
    [0n, 3n, 2n ** 64n - 1n, 2n ** 53n],
  )
})

test('the live keyset - should be the previous one while resharing, and none while keys are first made', (t) => {
  const resharing = recorded('state: Resharing, attempt under way')
  const before = recorded('state: Running with votes for new parameters')
  t.deepEqual(liveKeyset(resharing), liveKeyset(before))
  t.is(liveKeyset(recorded('state: Initializing, no attempt')), undefined)
  t.is(liveKeyset(recorded('state: Running without domains')), undefined)
  t.is(liveKeyset({ kind: 'NotInitialized' }), undefined)
})

test('participants - should be those of the key event while keys are first made', (t) => {
  const state = recorded('state: Initializing, attempt under way')
  t.deepEqual(
    participantsOf(state).map(({ accountId }) => accountId),
    ['op0.near', 'op1.near', 'op2.near'],
  )
  t.is(participantOf(state, 'op1.near')?.participantId, 1)
  t.is(participantOf(state, 'nobody.near'), undefined)
})

test('a Recovery state - should parse with its records', (t) => {
  const running = recorded('state: Running with three keys')
  if (running.kind !== 'Running') return t.fail('not Running')
  const text = cases.find((c) => c.case === 'state: Running with three keys')?.return_text ?? ''
  const previous = (parseJson(text, 'state') as { Running: Json }).Running
  const key = 'ed25519:37xV7tsz2qozLebSXwiQeAhqkjUF5anPtzRe52n9u8F1'
  const record = {
    participant_id: 1,
    destination_node_info: { url: 'http://n1.example:3000', tls_public_key: key },
    signer_account_pk: key,
    requested_at: '1795228762116367150',
    expires_at: '18446744073709551615',
    delivered: { keyset_digest: 'ab', at: '1' },
  }
  const state = parseProtocolState({
    Recovery: { previous_running_state: previous, recovering: { 'op1.near': record } },
  })
  if (state.kind !== 'Recovery') return t.fail('not Recovery')
  t.is(state.state.recovering['op1.near']?.expires_at, 2n ** 64n - 1n)
  t.deepEqual(liveKeyset(state), running.state.keyset)
})

const refused = test.macro((t, json: Json, code: string, message: RegExp) => {
  t.throws(() => parseProtocolState(json), { code, message })
})
test('an unknown state - should be refused by name', refused, { Paused: {} }, 'UNKNOWN_STATE', /found "Paused"/)
test(
  'two states at once - should be refused',
  refused,
  { Running: {}, Resharing: {} },
  'UNKNOWN_STATE',
  /expected NotInitialized/,
)
test(
  'a state without keyset - should be refused with the place',
  refused,
  { Running: { domains: { domains: [], next_domain_id: 0 } } },
  'INVALID_STATE',
  /keyset/,
)
test('null - should be refused', refused, null, 'UNKNOWN_STATE', /found null/)
