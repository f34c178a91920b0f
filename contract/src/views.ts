import { requireInitialized } from './call.ts'
import { type Ledger, own } from './ledger.ts'
import type { BackupService, ByAccount, MigratingNode } from './types.ts'
import { accountId } from './validation/account-id.ts'
import { fields } from './validation/arguments.ts'

/** `node_authorization({account_id})`: null, or what the operator last authorised, expired or not. JSON text. */
export function nodeAuthorizationText(ledger: Ledger, input: unknown): string {
  requireInitialized(ledger)
  const account = accountId(fields(input, 'arguments', ['account_id']).account_id, 'account_id')
  return JSON.stringify(ledger.authorization(account))
}

/** `participant_candidates()`: `{account: {url, tls_public_key, signer_account_pk}}`. JSON text. */
export function participantCandidatesText(ledger: Ledger): string {
  requireInitialized(ledger)
  return ledger.candidates.text()
}

/** `config()`. JSON text. */
export function configText(ledger: Ledger): string {
  requireInitialized(ledger)
  return ledger.config.text()
}

/** `update_votes()`: `{account: code_hash}`, what each votes for. JSON text. */
export function updateVotesText(ledger: Ledger): string {
  requireInitialized(ledger)
  return ledger.updateVotes.text()
}

/** `migration_info()`: near/mpc's `{account: [backup service | null, pending migration | null]}`. JSON text. */
export function migrationInfoText(ledger: Ledger): string {
  requireInitialized(ledger)
  const services = ledger.backupServices.read()
  const migrations = ledger.migrations.read()
  const info: ByAccount<[BackupService | null, MigratingNode | null]> = {}
  for (const account of [...Object.keys(services), ...Object.keys(migrations)]) {
    info[account] = [own(services, account) ?? null, own(migrations, account) ?? null]
  }
  return JSON.stringify(info)
}
