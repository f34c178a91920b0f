import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { TransactionAction } from '@holdfast/protocol/rpc/transaction-actions.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import type { OperatorAction } from './plan.ts'

/**
 * Performs the actions one after the other with the account's full-access key.
 * @returns a transaction hash per action; null for an access key that was there already.
 */
export async function perform(order: {
  accountId: string
  contractId: string
  rpcUrls: readonly string[]
  seed: Uint8Array
  actions: readonly OperatorAction[]
  signal: AbortSignal
}): Promise<(string | null)[]> {
  const { accountId, contractId, rpcUrls, seed, actions, signal } = order
  const sender = createTransactionSender({ endpoints: rpcUrls, accountId, signerSeed: seed })
  const done: (string | null)[] = []
  try {
    for (const action of actions) {
      const { receiverId, transaction } = toTransaction(action, accountId, contractId)
      try {
        done.push((await sender.send(receiverId, [transaction], { signal })).transactionHash)
      } catch (error) {
        if (!isKeyThereAlready(action, error)) throw error
        done.push(null)
      }
    }
    return done
  } finally {
    sender.close()
  }
}

function toTransaction(
  action: OperatorAction,
  accountId: string,
  contractId: string,
): { receiverId: string; transaction: TransactionAction } {
  switch (action.kind) {
    case 'add-key': {
      const { publicKey, methods, allowanceYocto } = action
      const transaction = {
        kind: 'addFunctionCallKey',
        publicKey,
        receiverId: contractId,
        methods,
        allowanceYocto,
      } as const
      return { receiverId: accountId, transaction }
    }
    case 'call': {
      const { method, args, depositYocto } = action
      return { receiverId: contractId, transaction: { kind: 'call', method, args, depositYocto } }
    }
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}

/** Doing it again is not a mistake: the account has the key, which is what was asked for. */
function isKeyThereAlready(action: OperatorAction, error: unknown): boolean {
  return action.kind === 'add-key' && error instanceof HoldfastError && error.message.includes('AddKeyAlreadyExists')
}
