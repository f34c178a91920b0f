import type { SignedTransaction } from '../transaction/decode.ts'
import type { ActionReceipt, Outcome } from '../runtime/receipt.ts'
import type { Block } from './block.ts'

export type Recorded<T> = { readonly value: T; readonly block: Block }

export type IncludedTransaction = {
  readonly transaction: SignedTransaction
  readonly outcome: Outcome
  readonly block: Block
}

/** What became of every transaction and receipt, for as long as their blocks are remembered. */
export class TransactionLog {
  readonly #transactions = new Map<string, IncludedTransaction>()
  readonly #outcomes = new Map<string, { outcome: Outcome; block: Block }>()
  readonly #receipts = new Map<string, ActionReceipt>()

  include(entry: IncludedTransaction): void {
    this.#transactions.set(entry.transaction.hash, entry)
  }

  execute(outcome: Outcome, block: Block): void {
    this.#outcomes.set(outcome.id, { outcome, block })
  }

  send(receipt: ActionReceipt): void {
    this.#receipts.set(receipt.id, receipt)
  }

  transaction(hash: string): IncludedTransaction | undefined {
    return this.#transactions.get(hash)
  }

  outcome(receiptId: string): { outcome: Outcome; block: Block } | undefined {
    return this.#outcomes.get(receiptId)
  }

  receipt(id: string): ActionReceipt | undefined {
    return this.#receipts.get(id)
  }

  /** Forgets what happened before `ordinal`. Receipts that have not run yet stay. */
  forgetBefore(ordinal: number): void {
    for (const [hash, { block, outcome }] of this.#transactions) {
      if (block.ordinal >= ordinal) break
      this.#transactions.delete(hash)
      this.#receipts.delete(outcome.receiptIds[0] as string)
    }
    for (const [id, { block }] of this.#outcomes) {
      if (block.ordinal >= ordinal) break
      this.#outcomes.delete(id)
      this.#receipts.delete(id)
    }
  }
}
