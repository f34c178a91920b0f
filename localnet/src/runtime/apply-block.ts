import { hashText, utf8 } from '../primitives/bytes.ts'
import type { World } from '../state/world.ts'
import type { SignedTransaction } from '../transaction/decode.ts'
import type { PromiseResult } from '../vm/call.ts'
import { applyReceipt } from './apply-receipt.ts'
import type { BlockContext } from './block-context.ts'
import type { ErrorJson } from './errors.ts'
import { GAS_PRICE, gasToTokens } from './fees.ts'
import type { ActionReceipt, DataReceipt, Outcome, Receipt } from './receipt.ts'
import { chargeTransaction } from './validate-transaction.ts'

/** Receipts between blocks: those on their way, and those that wait for data. */
export class ReceiptQueue {
  incoming: readonly Receipt[] = []
  readonly #waiting = new Set<ActionReceipt>()
  readonly #data = new Map<string, PromiseResult>()

  /** Takes an arrived result; returns the receipts that waited only for it. */
  deliver({ dataId, data }: DataReceipt): ActionReceipt[] {
    this.#data.set(dataId, data === null ? { kind: 'failed' } : { kind: 'success', data })
    return [...this.#waiting].filter((receipt) => receipt.inputDataIds.includes(dataId) && this.#isReady(receipt))
  }

  /** Whether the receipt can run now; if not it is kept until its data has come. */
  admit(receipt: ActionReceipt): boolean {
    if (this.#isReady(receipt)) return true
    this.#waiting.add(receipt)
    return false
  }

  #isReady(receipt: ActionReceipt): boolean {
    return receipt.inputDataIds.every((id) => this.#data.has(id))
  }

  /** Hands out a ready receipt's data, in the order it asked for it, and forgets both. */
  take(receipt: ActionReceipt): PromiseResult[] {
    this.#waiting.delete(receipt)
    return receipt.inputDataIds.map((id) => {
      const result = this.#data.get(id)
      if (result === undefined) throw new TypeError(`data ${id} has not come`)
      this.#data.delete(id)
      return result
    })
  }
}

export type BlockResult = {
  readonly included: readonly { readonly transaction: SignedTransaction; readonly outcome: Outcome }[]
  readonly dropped: readonly { readonly transaction: SignedTransaction; readonly error: ErrorJson }[]
  readonly outcomes: readonly Outcome[]
  readonly executed: readonly ActionReceipt[]
  readonly outgoing: readonly Receipt[]
}

/** A transaction's receipt, and what sending it off cost. */
function convert(
  world: World,
  transaction: SignedTransaction,
  block: BlockContext,
): { kind: 'receipt'; receipt: ActionReceipt; outcome: Outcome } | { kind: 'invalid'; error: ErrorJson } {
  const charged = chargeTransaction(transaction, world.get(transaction.signerId), block.height)
  if (charged.kind === 'invalid') return charged
  world.put(transaction.signerId, charged.signer)
  const id = hashText(utf8(`receipt ${transaction.hash} ${block.height}`))
  const receipt: ActionReceipt = {
    kind: 'action',
    id,
    predecessorId: transaction.signerId,
    receiverId: transaction.receiverId,
    signerId: transaction.signerId,
    signerPublicKey: transaction.publicKey,
    gasPrice: GAS_PRICE,
    actions: transaction.actions,
    inputDataIds: [],
    outputDataReceivers: [],
    refundTo: null,
  }
  const outcome: Outcome = {
    id: transaction.hash,
    executorId: transaction.signerId,
    gasBurnt: charged.cost.burnt,
    tokensBurnt: gasToTokens(charged.cost.burnt),
    logs: [],
    receiptIds: [id],
    status: { kind: 'receipt', id },
    profile: null,
  }
  return { kind: 'receipt', receipt, outcome }
}

/**
 * One block's work, in nearcore's order: transactions become receipts, those to the signer himself run at once, then
 * what earlier blocks sent. What all of these send out waits for the next block.
 */
export function applyBlock(
  world: World,
  transactions: readonly SignedTransaction[],
  queue: ReceiptQueue,
  block: BlockContext,
): BlockResult {
  const included: { transaction: SignedTransaction; outcome: Outcome }[] = []
  const dropped: { transaction: SignedTransaction; error: ErrorJson }[] = []
  const outcomes: Outcome[] = []
  const executed: ActionReceipt[] = []
  const local: ActionReceipt[] = []
  const outgoing: Receipt[] = []

  for (const transaction of transactions) {
    const converted = convert(world, transaction, block)
    if (converted.kind === 'invalid') {
      dropped.push({ transaction, error: converted.error })
      continue
    }
    included.push({ transaction, outcome: converted.outcome })
    if (converted.receipt.receiverId === transaction.signerId) local.push(converted.receipt)
    else outgoing.push(converted.receipt)
  }
  const run = (receipt: ActionReceipt): void => {
    const applied = applyReceipt(world, receipt, queue.take(receipt), block)
    executed.push(receipt)
    outcomes.push(applied.outcome)
    outgoing.push(...applied.receipts)
  }
  for (const receipt of local) run(receipt)
  for (const receipt of queue.incoming) {
    if (receipt.kind === 'data') for (const ready of queue.deliver(receipt)) run(ready)
    else if (queue.admit(receipt)) run(receipt)
  }
  queue.incoming = outgoing
  return { included, dropped, outcomes, executed, outgoing }
}
