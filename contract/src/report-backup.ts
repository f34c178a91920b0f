import { requireBackupService } from './backup-services.ts'
import { type Call, requireParticipant } from './call.ts'
import { emit } from './events.ts'
import { recordReceipt } from './receipts.ts'
import { refuse } from './refusal.ts'
import { RECEIPT_KINDS, type Receipt } from './types.ts'
import { choice, fields, present, u64 } from './validation/arguments.ts'
import { sha256Hex } from './validation/sha256.ts'

/**
 * Any state: the backup service says that it has stored the live keyset's shares, or that it has proved on a drill that it
 * can restore them. The newest receipt of each kind is kept. When, the chain's clock says: a service's own may be wrong.
 * @throws Refusal NOT_PARTICIPANT, NO_BACKUP_SERVICE, WRONG_SIGNER_KEY, KEYSET_MISMATCH
 */
export function reportBackup(call: Call, input: unknown): void {
  const { chain, ledger } = call
  const args = fields(input, 'arguments', ['receipt'])
  present(args.receipt, 'receipt')
  const given = fields(args.receipt, 'receipt', ['epoch_id', 'keyset_digest', 'ciphertext_sha256', 'kind'])
  const epoch_id = u64(given.epoch_id, 'receipt.epoch_id')
  const keyset_digest = sha256Hex(given.keyset_digest, 'receipt.keyset_digest')
  const ciphertext_sha256 = sha256Hex(given.ciphertext_sha256, 'receipt.ciphertext_sha256')
  const kind = choice(given.kind, 'receipt.kind', RECEIPT_KINDS)
  requireParticipant(call)
  requireBackupService(call)
  const live = ledger.liveKeyset.read()
  if (epoch_id !== live.epoch_id || keyset_digest !== live.keyset_digest) {
    refuse(
      'KEYSET_MISMATCH',
      `the live keyset is of epoch ${live.epoch_id} and has the digest ${live.keyset_digest}, ` +
        `found epoch ${epoch_id} and ${keyset_digest}`,
    )
  }
  const receipt: Receipt = { epoch_id, keyset_digest, ciphertext_sha256, kind, at: String(chain.now()) }
  recordReceipt(ledger, call.caller, receipt)
  emit(call, 'backup_reported', { account_id: call.caller, ...receipt })
}
