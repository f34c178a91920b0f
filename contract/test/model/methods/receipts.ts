import { put } from '../immutable.ts'
import { digestOf } from '../keyset.ts'
import type { Receipt } from '../model.ts'
import { takesPart } from '../people.ts'
import { broken, type Method } from '../ruling.ts'
import { receiptJson } from '../views.ts'

/** The backup service has stored the shares of the live keyset, or rehearsed bringing them back. */
export const reportBackup: Method<{ readonly receipt: Omit<Receipt, 'at'> }> = (model, by, { receipt }) => {
  const service = model.backupServices.get(by.account)
  const otherKeyset = receipt.epoch_id !== model.running.epoch || receipt.keyset_digest !== digestOf(model.running)
  return {
    refused: broken(
      [!takesPart(model, by.account), 'NOT_PARTICIPANT'],
      [service === undefined, 'NO_BACKUP_SERVICE'],
      [service !== undefined && service.signer !== null && service.signer !== by.key, 'WRONG_SIGNER_KEY'],
      [otherKeyset, 'KEYSET_MISMATCH'],
    ),
    then() {
      const told = { ...receipt, at: by.now }
      const before = model.receipts.get(by.account) ?? { stored: null, drilled: null }
      return {
        model: { ...model, receipts: put(model.receipts, by.account, { ...before, [receipt.kind]: told }) },
        events: [{ event: 'backup_reported', data: { account_id: by.account, ...receiptJson(told) } }],
      }
    },
  }
}
