import type { SignedTransaction } from '../transaction/decode.ts'

/** Transactions that wait for a block; of one key in the order of their nonces, as nearcore's pool gives them. */
export class TransactionPool {
  #waiting = new Map<string, SignedTransaction>()

  add(transaction: SignedTransaction): void {
    this.#waiting.set(transaction.hash, transaction)
  }

  has(hash: string): boolean {
    return this.#waiting.has(hash)
  }

  takeAll(): SignedTransaction[] {
    const groups = new Map<string, SignedTransaction[]>()
    for (const transaction of this.#waiting.values()) {
      const key = `${transaction.signerId} ${transaction.publicKey.text}`
      groups.set(key, [...(groups.get(key) ?? []), transaction])
    }
    this.#waiting = new Map()
    return [...groups.values()].flatMap((group) => group.sort((a, b) => (a.nonce < b.nonce ? -1 : 1)))
  }
}
