import { SYSTEM_ACCOUNT } from '../primitives/account-id.ts'
import type { ActionReceipt, Outcome } from '../runtime/receipt.ts'
import type { Block } from './block.ts'
import type { BlockStore } from './block-store.ts'
import type { IncludedTransaction, TransactionLog } from './transaction-log.ts'

/** How far a transaction has come, lowest first. */
export const STATUSES = ['NONE', 'INCLUDED', 'EXECUTED_OPTIMISTIC', 'INCLUDED_FINAL', 'EXECUTED', 'FINAL'] as const
export type TransactionStatus = (typeof STATUSES)[number]

export type ReceiptOutcome = { readonly outcome: Outcome; readonly block: Block }

export type TransactionProgress = {
  readonly entry: IncludedTransaction
  readonly status: TransactionStatus
  /** In the order the receipts were sent, depth first. */
  readonly executed: readonly ReceiptOutcome[]
  readonly receipts: readonly ActionReceipt[]
}

/**
 * Walks a transaction's receipts and says how far it has come, by nearcore's rules: whoever waits for execution does
 * not wait for a refund that comes last, and `FINAL` means every receipt's block is final.
 */
export function progressOf(entry: IncludedTransaction, log: TransactionLog, blocks: BlockStore): TransactionProgress {
  const executed: ReceiptOutcome[] = []
  const receipts: ActionReceipt[] = []
  let allExecuted = true
  let executedButRefunds = true
  const visit = (id: string, isLast: boolean): void => {
    const receipt = log.receipt(id)
    if (receipt !== undefined) receipts.push(receipt)
    const done = log.outcome(id)
    if (done === undefined) {
      allExecuted = false
      if (!(isLast && receipt?.predecessorId === SYSTEM_ACCOUNT)) executedButRefunds = false
      return
    }
    executed.push(done)
    const children = done.outcome.receiptIds
    for (const [index, child] of children.entries()) visit(child, index === children.length - 1)
  }
  for (const id of entry.outcome.receiptIds) visit(id, false)

  const status = ((): TransactionStatus => {
    if (!blocks.isFinal(entry.block)) return executedButRefunds ? 'EXECUTED_OPTIMISTIC' : 'INCLUDED'
    if (!executedButRefunds) return 'INCLUDED_FINAL'
    return allExecuted && executed.every(({ block }) => blocks.isFinal(block)) ? 'FINAL' : 'EXECUTED'
  })()
  return { entry, status, executed, receipts }
}

/**
 * Whether `reached` satisfies a caller who waits for `wanted`. Execution and finality are two scales: an optimistic
 * execution is no final inclusion, and a final inclusion is no execution.
 */
export function meets(wanted: TransactionStatus, reached: TransactionStatus): boolean {
  switch (wanted) {
    case 'NONE':
      return true
    case 'INCLUDED':
      return reached !== 'NONE'
    case 'EXECUTED_OPTIMISTIC':
      return reached === 'EXECUTED_OPTIMISTIC' || reached === 'EXECUTED' || reached === 'FINAL'
    case 'INCLUDED_FINAL':
      return reached === 'INCLUDED_FINAL' || reached === 'EXECUTED' || reached === 'FINAL'
    case 'EXECUTED':
      return reached === 'EXECUTED' || reached === 'FINAL'
    case 'FINAL':
      return reached === 'FINAL'
    default:
      throw new TypeError(`unknown status ${String(wanted satisfies never)}`)
  }
}
