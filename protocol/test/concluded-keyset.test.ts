import test from 'ava'
import { concludedKeyset, concludedKeysetJson } from '../src/concluded-keyset.ts'
import { parseKeyset, parseProtocolState } from '../src/contract-state.ts'
import { parseJson, type Json } from '../src/json.ts'
import { liveKeyset } from '../src/live-state.ts'
import { readVectors } from './support/vectors.ts'

type Case = { case: string; method: string; ok: boolean; return_text: string | null }
const recorded = readVectors<{ cases: Case[] }>('near-mpc-contract.json').cases.filter(
  ({ method, ok }) => method === 'state' && ok,
)

function jsonOf(name: string): Json {
  return parseJson(recorded.find((found) => found.case === name)?.return_text ?? '', name)
}

/** Initializing, with these keys ready. */
function generating(ready: Json): Json {
  const { Initializing } = jsonOf('state: Initializing, no attempt') as { Initializing: Record<string, Json> }
  return { Initializing: { ...Initializing, generated_keys: ready } }
}

const { keyset } = (jsonOf('state: Running with three keys') as { Running: { keyset: { domains: Json[] } } }).Running

const states: [name: string, json: Json][] = [
  ...recorded.map(({ case: name }): [string, Json] => [name, jsonOf(name)]),
  ['Initializing with two keys ready', generating(keyset.domains.slice(0, 2))],
]
for (const [name, json] of states) {
  test(`the concluded keyset of ${name} - should be the same as its JSON`, (t) => {
    const typed = concludedKeyset(parseProtocolState(json))
    const written = parseKeyset(concludedKeysetJson(json), name)
    t.deepEqual(typed?.domains ?? [], written.domains)
    if (typed !== undefined) t.is(typed.epoch_id, written.epoch_id)
  })
}

test('the concluded keyset - should be the live one, or the keys that are ready while more are generated', (t) => {
  const state = parseProtocolState(generating(keyset.domains.slice(0, 2)))
  t.deepEqual(
    concludedKeyset(state)?.domains.map(({ domain_id }) => domain_id),
    [0n, 1n],
  )
  t.deepEqual(concludedKeysetJson(generating(keyset.domains)), { epoch_id: 0, domains: keyset.domains })
  t.is(concludedKeyset(parseProtocolState(generating([]))), undefined)
  const resharing = parseProtocolState(jsonOf('state: Resharing, attempt under way'))
  t.deepEqual(concludedKeyset(resharing), liveKeyset(resharing))
})
