import { createHash } from 'node:crypto'
import { stringifyJson, type Json } from '../../../../protocol/src/json.ts'
import { CONTRACT } from '../contract-account.ts'
import { put } from '../immutable.ts'
import type { Model } from '../model.ts'
import { takesPart } from '../people.ts'
import { broken, nothing, type By, type Method, type Ruling } from '../ruling.ts'

interface CodeVote {
  readonly code_hash: string
}

/** Naming code is voting for it; one vote each, the last. */
export const proposeUpdate: Method<CodeVote> = (model, by, { code_hash }) => ruling(model, by, code_hash, false)

/** A vote for code that somebody stands by. */
export const voteUpdate: Method<CodeVote> = (model, by, { code_hash }) => ruling(model, by, code_hash, true)

function ruling(model: Model, by: By, code_hash: string, mustBeProposed: boolean): Ruling {
  const proposed = [...model.updateVotes.values()].includes(code_hash)
  return {
    refused: broken(
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [mustBeProposed && !proposed, 'UPDATE_NOT_PROPOSED'],
    ),
    then() {
      if (model.updateVotes.get(by.account) === code_hash) return nothing(model)
      const next = { ...model, updateVotes: put(model.updateVotes, by.account, code_hash) }
      const data = { account_id: by.account, code_hash, votes: votesFor(next, code_hash) }
      return { model: next, events: [{ event: 'update_voted', data }] }
    },
  }
}

function votesFor(model: Model, code_hash: string): number {
  return [...model.updateVotes].filter(([account, hash]) => hash === code_hash && takesPart(model, account)).length
}

function isVoted(model: Model, code_hash: string): boolean {
  return BigInt(votesFor(model, code_hash)) >= model.running.parameters.threshold
}

/** The SHA-256 of what is sent as the arguments of a call. */
export function hashOf(args: Json): string {
  return createHash('sha256').update(stringifyJson(args)).digest('hex')
}

/** Anyone brings the code; its `migrate` runs in the same receipt, and the votes are over. */
export const deployUpdate: Method<Json> = (model, _by, code) => {
  const code_hash = hashOf(code)
  return {
    refused: broken([!isVoted(model, code_hash), 'UPDATE_NOT_VOTED']),
    then: () => migrated(model, code_hash),
  }
}

/** The contract's own account alone, by itself or from within a deployment. */
export const migrate: Method<Partial<CodeVote>> = (model, by, { code_hash }) => ({
  refused: broken(
    [by.account !== CONTRACT, 'NOT_CONTRACT_ACCOUNT'],
    [code_hash !== undefined && !isVoted(model, code_hash), 'UPDATE_NOT_VOTED'],
  ),
  then: () => migrated(model, code_hash ?? null),
})

/** The version of the stored state, which no story changes. */
const VERSION = 2

function migrated(model: Model, code_hash: string | null) {
  const data = { code_hash, from_version: VERSION, to_version: VERSION }
  return { model: { ...model, updateVotes: new Map() }, events: [{ event: 'migrated', data }] }
}
