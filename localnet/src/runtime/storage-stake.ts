import type { AccountState } from '../state/world.ts'
import { STORAGE_PRICE, ZERO_BALANCE_STORAGE } from './fees.ts'

/** yoctoNEAR missing for the account's storage if it had `amount`; 0n when there is enough. */
export function missingForStorage(account: AccountState, amount: bigint): bigint {
  const required = STORAGE_PRICE * BigInt(account.storageUsage)
  const available = amount + account.locked
  return available >= required || account.storageUsage <= ZERO_BALANCE_STORAGE ? 0n : required - available
}
