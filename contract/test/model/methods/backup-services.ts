import { put, without } from '../immutable.ts'
import { prospective, takesPart } from '../people.ts'
import { broken, nothing, type Method } from '../ruling.ts'
import { claims, displaced } from '../tls-keys.ts'

export interface BackupServiceInfo {
  readonly backup_service_info: { readonly public_key: string; readonly signer_account_pk?: string }
}

/** The operator names its backup service; another one begins without receipts. */
export const registerBackupService: Method<BackupServiceInfo> = (model, by, { backup_service_info }) => {
  const { public_key, signer_account_pk } = backup_service_info
  const taken = claims(model).some(({ key, account, holder }) => {
    const own = holder === 'backup service' && account === by.account
    return key === public_key && holder !== 'candidate' && !own
  })
  return {
    refused: broken(
      [!takesPart(model, by.account) && prospective(model, by.account) === undefined, 'NOT_PARTICIPANT'],
      [by.deposit < 1n, 'DEPOSIT_REQUIRED'],
      [taken, 'TLS_KEY_TAKEN'],
    ),
    then() {
      const before = model.backupServices.get(by.account)
      const service = { key: public_key, signer: signer_account_pk ?? null }
      if (before?.key === service.key && before.signer === service.signer) return nothing(model)
      const { model: free, events } = displaced(model, public_key)
      return {
        model: {
          ...free,
          backupServices: put(model.backupServices, by.account, service),
          receipts: before?.key === service.key ? model.receipts : without(model.receipts, by.account),
        },
        events: [
          ...events,
          { event: 'backup_service_registered', data: { account_id: by.account, ...backup_service_info } },
        ],
      }
    },
  }
}
