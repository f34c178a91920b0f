import type { NewReceipt, ReturnData } from '../vm/call.ts'
import type { ActionError } from './errors.ts'

/** What a receipt's actions have added up to so far. */
export type ActionsResult = {
  burnt: number
  used: number
  /** Burnt inside contract calls: a part of it is the called account's. */
  burntInCalls: number
  logs: string[]
  actionProfile: Map<string, number>
  hostProfile: Map<string, number>
  returned: ReturnData
  newReceipts: NewReceipt[]
  /** Payments that leave a deleted account. */
  payouts: { readonly receiverId: string; readonly amount: bigint }[]
  error: ActionError | null
}

export const emptyResult = (burnt: number): ActionsResult => ({
  burnt,
  used: burnt,
  burntInCalls: 0,
  logs: [],
  actionProfile: new Map(),
  hostProfile: new Map(),
  returned: { kind: 'none' },
  newReceipts: [],
  payouts: [],
  error: null,
})

export function addProfile(total: Map<string, number>, part: ReadonlyMap<string, number>): void {
  for (const [name, gas] of part) total.set(name, (total.get(name) ?? 0) + gas)
}
