import type { Block } from '../../chain/block.ts'
import type { TransactionProgress } from '../../chain/transaction-status.ts'
import { sha256, toBase64 } from '../../primitives/bytes.ts'
import type { ActionReceipt, Outcome, OutcomeStatus } from '../../runtime/receipt.ts'
import type { AccessKey, Action, Permission } from '../../transaction/action.ts'
import type { SignedTransaction } from '../../transaction/decode.ts'
import type { GasProfile } from '../../vm/gas-counter.ts'

export function permissionView(permission: Permission): unknown {
  if (permission.kind === 'full') return 'FullAccess'
  return {
    FunctionCall: {
      allowance: permission.allowance === null ? null : String(permission.allowance),
      method_names: permission.methodNames,
      receiver_id: permission.receiverId,
    },
  }
}

export const accessKeyView = ({ nonce, permission }: AccessKey): object => ({
  nonce,
  permission: permissionView(permission),
})

export function actionView(action: Action): unknown {
  switch (action.type) {
    case 'CreateAccount':
      return 'CreateAccount'
    case 'DeployContract':
      return { DeployContract: { code: toBase64(sha256(action.code)) } }
    case 'FunctionCall':
      return {
        FunctionCall: {
          args: toBase64(action.args),
          deposit: String(action.deposit),
          gas: action.gas,
          method_name: action.methodName,
        },
      }
    case 'Transfer':
      return { Transfer: { deposit: String(action.deposit) } }
    case 'AddKey':
      return { AddKey: { access_key: accessKeyView(action.accessKey), public_key: action.publicKey.text } }
    case 'DeleteKey':
      return { DeleteKey: { public_key: action.publicKey.text } }
    case 'DeleteAccount':
      return { DeleteAccount: { beneficiary_id: action.beneficiaryId } }
    default:
      throw new TypeError(`unknown action ${(action satisfies never as Action).type}`)
  }
}

export const transactionView = (transaction: SignedTransaction): object => ({
  actions: transaction.actions.map(actionView),
  hash: transaction.hash,
  nonce: transaction.nonce,
  priority_fee: 0,
  public_key: transaction.publicKey.text,
  receiver_id: transaction.receiverId,
  signature: transaction.signature.text,
  signer_id: transaction.signerId,
})

function statusView(status: OutcomeStatus): object {
  switch (status.kind) {
    case 'value':
      return { SuccessValue: toBase64(status.bytes) }
    case 'receipt':
      return { SuccessReceiptId: status.id }
    case 'failure':
      return { Failure: status.error }
    default:
      throw new TypeError(`unknown status ${String(status satisfies never)}`)
  }
}

function profileView(actions: GasProfile, host: GasProfile): object[] {
  const rows = (category: string, profile: GasProfile): object[] =>
    [...profile]
      .filter(([, gas]) => gas > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cost, gas]) => ({ cost, cost_category: category, gas_used: String(gas) }))
  return [...rows('ACTION_COST', actions), ...rows('WASM_HOST_COST', host)]
}

function outcomeView(outcome: Outcome, block: Block): object {
  const { profile } = outcome
  return {
    block_hash: block.hash,
    id: outcome.id,
    outcome: {
      executor_id: outcome.executorId,
      gas_burnt: outcome.gasBurnt,
      logs: outcome.logs,
      metadata:
        profile === null
          ? { gas_profile: null, version: 1 }
          : { gas_profile: profileView(profile.actions, profile.host), version: 3 },
      receipt_ids: outcome.receiptIds,
      status: statusView(outcome.status),
      tokens_burnt: String(outcome.tokensBurnt),
    },
    // No merkle tree stands behind these outcomes: there is nothing to prove them with.
    proof: [],
  }
}

export function receiptView(receipt: ActionReceipt): object {
  return {
    predecessor_id: receipt.predecessorId,
    priority: 0,
    receipt: {
      Action: {
        actions: receipt.actions.map(actionView),
        gas_price: String(receipt.gasPrice),
        input_data_ids: receipt.inputDataIds,
        is_promise_yield: false,
        output_data_receivers: receipt.outputDataReceivers.map(({ dataId, receiverId }) => ({
          data_id: dataId,
          receiver_id: receiverId,
        })),
        signer_id: receipt.signerId,
        signer_public_key: receipt.signerPublicKey.text,
      },
    },
    receipt_id: receipt.id,
    receiver_id: receipt.receiverId,
  }
}

/** Follows "my result is that receipt's" to the receipt that has the result. */
function finalStatus({ entry, executed }: TransactionProgress): object | 'Started' {
  let { status } = entry.outcome
  while (status.kind === 'receipt') {
    const { id } = status
    const next = executed.find(({ outcome }) => outcome.id === id)
    if (next === undefined) return 'Started'
    status = next.outcome.status
  }
  return statusView(status)
}

/** The answer to `tx` and `send_tx` once the transaction has run; `withReceipts` for EXPERIMENTAL_tx_status. */
export function finalOutcomeView(progress: TransactionProgress, withReceipts: boolean): object {
  const { entry, executed, receipts, status } = progress
  return {
    final_execution_status: status,
    receipts_outcome: executed.map(({ outcome, block }) => outcomeView(outcome, block)),
    status: finalStatus(progress),
    transaction: transactionView(entry.transaction),
    transaction_outcome: outcomeView(entry.outcome, entry.block),
    ...(withReceipts ? { receipts: receipts.map(receiptView) } : {}),
  }
}
