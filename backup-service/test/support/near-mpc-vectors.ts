import { readFileSync } from 'node:fs'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'

/** What near/mpc's deployed contract answered (tests/vectors), parsed without losing a digit. */

type Case = { case: string; method: string; ok: boolean; return_text: string | null }

const read = (name: string): string => readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8')
const { cases } = JSON.parse(read('near-mpc-contract.json')) as { cases: Case[] }

function returned(method: string): { name: string; json: Json }[] {
  return cases.flatMap(({ case: name, method: called, ok, return_text }) =>
    called === method && ok && return_text !== null ? [{ name, json: parseJson(return_text, name) }] : [],
  )
}

export const RECORDED_STATES = returned('state')
export const RECORDED_MIGRATIONS = returned('migration_info')
export const MAINNET_STATE: Json = parseJson(read('near-mpc-mainnet-state.json'), 'the mainnet state')

/** The recorded answer of this case. */
export function recordedCase(all: { name: string; json: Json }[], name: string): Json {
  const found = all.find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`no recorded case ${name}`)
  return found.json
}

/** near/mpc's Running state, as recorded, with another keyset and other participants. */
export function nearMpcRunning(keyset: Json, participants: readonly Json[]): Json {
  const { Running } = recordedCase(RECORDED_STATES, 'state: Running with three keys') as {
    Running: { [name: string]: Json }
  }
  const parameters = { participants: { next_id: participants.length, participants: [...participants] }, threshold: 2 }
  return { Running: { ...Running, keyset, parameters } }
}
