import { type Ledger, own } from './ledger.ts'
import type { Receipt } from './types.ts'

/** Keeps a receipt of the live keyset, in the place of the account's last of its kind. */
export function recordReceipt(ledger: Ledger, account: string, receipt: Receipt): void {
  const { kind, at } = receipt
  ledger.setReceipts(account, { ...ledger.receipts(account), [kind]: receipt })
  const times = ledger.receiptTimes.read()
  // What could be restored is stored.
  times[account] = [at, kind === 'drilled' ? at : (own(times, account)?.[1] ?? null)]
  ledger.receiptTimes.write(times)
}

/** The account's backup service is another one, or the account has left: what was reported counts no more. */
export function forgetReceipts(ledger: Ledger, account: string): void {
  ledger.setReceipts(account, null)
  const times = ledger.receiptTimes.read()
  if (own(times, account) === undefined) return
  delete times[account]
  ledger.receiptTimes.write(times)
}
