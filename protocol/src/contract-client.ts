import { createTransactionSender, type TransactionSenderOptions } from './transaction-sender.ts'
import type { CallContract } from './rpc/ports.ts'

export type ContractClientOptions = TransactionSenderOptions & { contractId: string }

/**
 * Calls the contract's methods with one access key, one call at a time. Arguments are JSON in which a bigint is written
 * digit for digit. Errors, and what happens when an answer is lost: see transaction-sender.ts; a refusal of the contract
 * is a ContractRefusedError (`CONTRACT_REFUSED`) with the panic's `contractCode` and sentence.
 */
export function createContractClient({ contractId, ...options }: ContractClientOptions): CallContract {
  const sender = createTransactionSender(options)
  return {
    call(method, args, { signal, depositYocto, gasTgas } = {}) {
      return sender.send(contractId, [{ kind: 'call', method, args, depositYocto, gasTgas }], { signal, what: method })
    },
    close() {
      sender.close()
    },
  }
}
