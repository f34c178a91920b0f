import type { AccountState } from '../state/world.ts'
import type { AccessKey, Action } from '../transaction/action.ts'
import { actionDeposit } from '../transaction/action.ts'
import type { SignedTransaction } from '../transaction/decode.ts'
import { isSignatureValid } from '../transaction/signature.ts'
import type { ErrorJson } from './errors.ts'
import { FEES, gasToTokens, totalAttachedGas, totalExecutionGas, totalSendGas } from './fees.ts'
import { missingForStorage } from './storage-stake.ts'
import { actionsProblem } from './validate-actions.ts'

const MAX_TRANSACTION_SIZE = 1_572_864
/** A nonce must be below block height × this. */
export const NONCE_RANGE = 1_000_000n

/** What a transaction costs its signer at once; what is not burnt comes back with the refunds. */
export type TransactionCost = {
  /** Burnt for turning it into a receipt. */
  readonly burnt: number
  /** All gas fees and deposits, yoctoNEAR. */
  readonly total: bigint
}

/**
 * @throws RangeError never: attached gas was limited before
 */
export function transactionCost({ signerId, receiverId, actions }: SignedTransaction): TransactionCost {
  const toSelf = signerId === receiverId
  const receipt = FEES.new_action_receipt
  const burnt = (toSelf ? receipt.sendSelf : receipt.send) + totalSendGas(actions, receiverId, toSelf)
  const remaining = receipt.execute + totalExecutionGas(actions, receiverId) + Number(totalAttachedGas(actions))
  const deposits = actions.reduce((sum, action) => sum + actionDeposit(action), 0n)
  return { burnt, total: gasToTokens(burnt + remaining) + deposits }
}

/** What is wrong with the transaction whatever the state (nearcore `validate_transaction`); null when nothing. */
export function formProblem(transaction: SignedTransaction): ErrorJson | null {
  const actions = actionsProblem(transaction.actions)
  if (actions !== null) return { ActionsValidation: actions }
  if (transaction.size > MAX_TRANSACTION_SIZE)
    return { TransactionSizeExceeded: { size: transaction.size, limit: MAX_TRANSACTION_SIZE } }
  return isSignatureValid(transaction) ? null : 'InvalidSignature'
}

const keyError = (error: ErrorJson): ErrorJson => ({ InvalidAccessKeyError: error })

/** A function-call key allows one call without deposit, to its receiver, of its methods. */
function permissionProblem(key: AccessKey, receiverId: string, actions: readonly Action[]): ErrorJson | null {
  const { permission } = key
  if (permission.kind === 'full') return null
  const [action, ...others] = actions
  if (action === undefined || others.length > 0 || action.type !== 'FunctionCall') return keyError('RequiresFullAccess')
  if (action.deposit > 0n) return keyError('DepositWithFunctionCall')
  if (receiverId !== permission.receiverId)
    return keyError({ ReceiverMismatch: { tx_receiver: receiverId, ak_receiver: permission.receiverId } })
  if (permission.methodNames.length > 0 && !permission.methodNames.includes(action.methodName))
    return keyError({ MethodNameMismatch: { method_name: action.methodName } })
  return null
}

export type ChargeResult =
  | { readonly kind: 'charged'; readonly signer: AccountState; readonly cost: TransactionCost }
  | { readonly kind: 'invalid'; readonly error: ErrorJson }

const invalid = (error: ErrorJson): ChargeResult => ({ kind: 'invalid', error })

/**
 * Checks a well-formed transaction against its signer and takes the cost from him, in nearcore's order of checks
 * (`verify_and_charge_tx_ephemeral`).
 */
export function chargeTransaction(
  transaction: SignedTransaction,
  signer: AccountState | undefined,
  blockHeight: number,
): ChargeResult {
  const { signerId, publicKey, nonce, receiverId, actions } = transaction
  if (signer === undefined) return invalid({ SignerDoesNotExist: { signer_id: signerId } })
  const key = signer.keys.get(publicKey.text)
  if (key === undefined)
    return invalid(keyError({ AccessKeyNotFound: { account_id: signerId, public_key: publicKey.text } }))
  if (nonce <= key.nonce) return invalid({ InvalidNonce: { tx_nonce: nonce, ak_nonce: key.nonce } })
  const upperBound = BigInt(blockHeight) * NONCE_RANGE
  if (nonce >= upperBound) return invalid({ NonceTooLarge: { tx_nonce: nonce, upper_bound: upperBound } })
  const cost = transactionCost(transaction)
  if (cost.total > signer.amount)
    return invalid({
      NotEnoughBalance: { signer_id: signerId, balance: String(signer.amount), cost: String(cost.total) },
    })
  let { permission } = key
  if (permission.kind === 'call' && permission.allowance !== null) {
    if (cost.total > permission.allowance)
      return invalid(
        keyError({
          NotEnoughAllowance: {
            account_id: signerId,
            public_key: publicKey.text,
            allowance: String(permission.allowance),
            cost: String(cost.total),
          },
        }),
      )
    permission = { ...permission, allowance: permission.allowance - cost.total }
  }
  const amount = signer.amount - cost.total
  const missing = missingForStorage(signer, amount)
  if (missing > 0n) return invalid({ LackBalanceForState: { signer_id: signerId, amount: String(missing) } })
  const refused = permissionProblem(key, receiverId, actions)
  if (refused !== null) return invalid(refused)
  const keys = new Map(signer.keys).set(publicKey.text, { nonce, permission })
  return { kind: 'charged', signer: { ...signer, amount, keys }, cost }
}
