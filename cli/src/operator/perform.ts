import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { TransactionAction } from '@holdfast/protocol/rpc/transaction-actions.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { publicKeyOfSeed } from '../near/credentials.ts'
import type { OperatorAction } from './plan.ts'

/**
 * Performs the actions one after the other with the account's full-access key.
 * @returns a transaction hash per action; null where nothing was left to do for an access key that was there already.
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
      const { receiverId, first, deletions } = toTransaction(action, accountId, contractId)
      const send = async (parts: TransactionAction[]) =>
        (await sender.send(receiverId, parts, { signal })).transactionHash
      refuseToDeleteSigner(deletions, seed)
      try {
        done.push(await send([first, ...deletions]))
      } catch (error) {
        if (!isKeyThereAlready(action, error)) throw error
        done.push(deletions.length === 0 ? null : await send(deletions))
      }
    }
    return done
  } finally {
    sender.close()
  }
}

type DeleteKey = Extract<TransactionAction, { kind: 'deleteKey' }>

function toTransaction(
  action: OperatorAction,
  accountId: string,
  contractId: string,
): { receiverId: string; first: TransactionAction; deletions: DeleteKey[] } {
  switch (action.kind) {
    case 'add-key': {
      const { publicKey, methods, allowanceYocto, replaces = [] } = action
      const first = {
        kind: 'addFunctionCallKey',
        publicKey,
        receiverId: contractId,
        methods,
        allowanceYocto,
      } as const
      const deletions = replaces.map((old) => ({ kind: 'deleteKey', publicKey: old }) as const)
      return { receiverId: accountId, first, deletions }
    }
    case 'call': {
      const { method, args, depositYocto } = action
      return { receiverId: contractId, first: { kind: 'call', method, args, depositYocto }, deletions: [] }
    }
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}

/** The list of old keys is the endpoints' word: it must never cost the account the full-access key in use. */
function refuseToDeleteSigner(deletions: readonly DeleteKey[], seed: Uint8Array): void {
  const own = publicKeyOfSeed(seed)
  if (deletions.every(({ publicKey }) => publicKey !== own)) return
  throw new HoldfastError(
    'TRANSACTION_REFUSED',
    `refusing to delete ${own}, which signs this very transaction: the RPC endpoints call it an old node's; find out ` +
      'which one lies and replace it',
  )
}

/** Doing it again is not a mistake: the account has the key, which is what was asked for. */
function isKeyThereAlready(action: OperatorAction, error: unknown): boolean {
  return action.kind === 'add-key' && error instanceof HoldfastError && error.message.includes('AddKeyAlreadyExists')
}
