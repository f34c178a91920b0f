import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { TransactionAction } from '@holdfast/protocol/rpc/transaction-actions.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
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
      const { receiverId, first, more } = toTransaction(action, accountId, contractId)
      const send = async (parts: TransactionAction[]) =>
        (await sender.send(receiverId, parts, { signal })).transactionHash
      refuseToDeleteSigner(more, seed)
      try {
        done.push(await send([first, ...more]))
      } catch (error) {
        if (!isKeyThereAlready(action, error)) throw error
        done.push(more.length === 0 ? null : await send(more))
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
): { receiverId: string; first: TransactionAction; more: TransactionAction[] } {
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
      const more = replaces.map((old) => ({ kind: 'deleteKey', publicKey: old }) as const)
      return { receiverId: accountId, first, more }
    }
    case 'call': {
      const { method, args, depositYocto } = action
      return { receiverId: contractId, first: { kind: 'call', method, args, depositYocto }, more: [] }
    }
    case 'deploy-update': {
      // the wasm itself is the method's input
      const first = { kind: 'callRaw', method: 'deploy_update', args: action.wasm } as const
      return { receiverId: contractId, first, more: [] }
    }
    case 'deploy': {
      const first = { kind: 'deployContract', wasm: action.wasm } as const
      return { receiverId: accountId, first, more: [{ kind: 'call', method: 'init', args: action.initArgs }] }
    }
    default:
      action satisfies never
      throw new TypeError('unknown operator action')
  }
}

/** The list of old keys is the endpoints' word: it must never cost the account the full-access key in use. */
function refuseToDeleteSigner(actions: readonly TransactionAction[], seed: Uint8Array): void {
  const own = publicKeyOfSeed(seed)
  if (!actions.some((action) => action.kind === 'deleteKey' && action.publicKey === own)) return
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
