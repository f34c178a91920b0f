import type { Json } from '../../../protocol/src/json.ts'
import { difference } from './canonical.ts'
import type { ContractAccount } from './contract-account.ts'
import type { Model } from './model.ts'
import {
  authorizationJson,
  candidatesJson,
  configJson,
  migrationInfoJson,
  receiptsJson,
  recoverabilityJson,
  stateJson,
  updateVotesJson,
} from './views.ts'

const VIEWS: Record<string, (model: Model) => Json> = {
  state: stateJson,
  migration_info: migrationInfoJson,
  participant_candidates: candidatesJson,
  backup_receipts: receiptsJson,
  recoverability: recoverabilityJson,
  update_votes: updateVotesJson,
}

/** @throws Error with the first view in which contract and model differ; authorisations are those of `accounts` */
export function compareViews(contract: ContractAccount, model: Model | null, accounts: Iterable<string>): void {
  if (model === null) return same('state', contract.view('state'), stateJson(null))
  for (const [view, expected] of Object.entries(VIEWS)) same(view, contract.view(view), expected(model))
  for (const account_id of accounts) {
    const found = contract.view('node_authorization', { account_id })
    same(`node_authorization of ${account_id}`, found, authorizationJson(model, account_id))
  }
}

/** As `compareViews`, and the view that no call changes. */
export function compareEverything(contract: ContractAccount, model: Model | null, accounts: Iterable<string>): void {
  compareViews(contract, model, accounts)
  if (model !== null) same('config', contract.view('config'), configJson(model))
}

function same(what: string, found: Json, expected: Json): void {
  const differs = difference(found, expected)
  if (differs !== null) throw new Error(`the view ${what} is another one than the model's; ${differs}`)
}
