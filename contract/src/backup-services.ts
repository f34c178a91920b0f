import { type Call, findProspective, requireOperator, requireParticipant } from './call.ts'
import { emit } from './events.ts'
import { requireSignerKey } from './key-event.ts'
import { forgetReceipts } from './receipts.ts'
import { refuse } from './refusal.ts'
import { claimTlsKey } from './tls-keys.ts'
import type { BackupService } from './types.ts'
import { fields, present } from './validation/arguments.ts'
import { ed25519Key } from './validation/node-info.ts'

/**
 * Any state: the operator names the one backup service that may read its node's shares; a new one replaces the old. Who is
 * to take part in the epoch to come may do so too, so that its shares are backed up from the start.
 */
export function registerBackupService(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['backup_service_info'])
  present(args.backup_service_info, 'backup_service_info')
  const given = fields(args.backup_service_info, 'backup_service_info', ['public_key', 'signer_account_pk'])
  if (findProspective(ledger, call.caller) === undefined) requireParticipant(call)
  requireOperator(call)
  const public_key = ed25519Key(given.public_key, 'backup_service_info.public_key', chain)
  const service: BackupService = { public_key }
  if (given.signer_account_pk !== undefined && given.signer_account_pk !== null) {
    service.signer_account_pk = ed25519Key(given.signer_account_pk, 'backup_service_info.signer_account_pk', chain)
  }
  claimTlsKey(call, public_key, ['backup service'], true)
  const before = ledger.backupServices.get(call.caller)
  if (before?.public_key === public_key && before.signer_account_pk === service.signer_account_pk) return
  // Receipts are the registered service's word: another one has to show what it holds.
  if (before?.public_key !== public_key) forgetReceipts(ledger, call.caller)
  ledger.backupServices.set(call.caller, service)
  emit(call, 'backup_service_registered', { account_id: call.caller, ...service })
}

/**
 * The call comes from the caller's registered backup service: signed with its key, if one was registered.
 * @throws Refusal NO_BACKUP_SERVICE, WRONG_SIGNER_KEY
 */
export function requireBackupService(call: Call): BackupService {
  const service = call.ledger.backupServices.get(call.caller)
  if (service === undefined) {
    refuse('NO_BACKUP_SERVICE', `${call.caller} has registered no backup service; register_backup_service does it`)
  }
  if (service.signer_account_pk !== undefined) requireSignerKey(call, service.signer_account_pk)
  return service
}
