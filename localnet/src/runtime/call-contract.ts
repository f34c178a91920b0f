import { fromBase58, sha256, utf8 } from '../primitives/bytes.ts'
import type { AccountState, World } from '../state/world.ts'
import type { Action } from '../transaction/action.ts'
import type { CallContext, CallOutcome, PromiseResult } from '../vm/call.ts'
import { addProfile, type ActionsResult } from './action-result.ts'
import type { BlockContext } from './block-context.ts'
import { functionCallError, type ErrorJson } from './errors.ts'
import type { ActionReceipt } from './receipt.ts'

type Call = Extract<Action, { type: 'FunctionCall' }>

function contextOf(
  call: Call,
  account: AccountState,
  receipt: ActionReceipt,
  promiseResults: readonly PromiseResult[],
  index: number,
  block: BlockContext,
): CallContext {
  const isLast = index === receipt.actions.length - 1
  return {
    currentAccountId: receipt.receiverId,
    signerAccountId: receipt.signerId,
    signerAccountPk: receipt.signerPublicKey.borsh,
    predecessorAccountId: receipt.predecessorId,
    refundToAccountId: receipt.refundTo ?? receipt.predecessorId,
    input: call.args,
    blockHeight: block.height,
    blockTimestamp: block.timestamp,
    epochHeight: block.epochHeight,
    accountBalance: account.amount,
    lockedBalance: account.locked,
    storageUsage: account.storageUsage,
    attachedDeposit: call.deposit,
    prepaidGas: Number(call.gas),
    randomSeed: sha256(block.randomValue, fromBase58(receipt.id), utf8(String(index))),
    codeHash: account.code === null ? null : fromBase58(account.code.hash),
    isView: false,
    promiseResults,
    // Only the last action's result goes to those who wait.
    outputReceivers: isLast ? receipt.outputDataReceivers.map(({ receiverId }) => receiverId) : [],
    storage: account.data,
  }
}

function withStorage(account: AccountState, outcome: CallOutcome): AccountState {
  if (outcome.storage.size === 0) return { ...account, amount: outcome.balance, storageUsage: outcome.storageUsage }
  const data = new Map(account.data)
  for (const [key, value] of outcome.storage) {
    if (value === null) data.delete(key)
    else data.set(key, value)
  }
  return { ...account, amount: outcome.balance, storageUsage: outcome.storageUsage, data }
}

/** Runs a function call action; its gas and logs go to `result` even when it fails. Returns what went wrong. */
export function callContract(
  world: World,
  call: Call,
  account: AccountState,
  receipt: ActionReceipt,
  promiseResults: readonly PromiseResult[],
  index: number,
  result: ActionsResult,
  block: BlockContext,
): ErrorJson | null {
  if (account.code === null)
    return { FunctionCallError: functionCallError({ kind: 'code_does_not_exist', accountId: receipt.receiverId }) }
  const context = contextOf(call, account, receipt, promiseResults, index, block)
  const outcome = block.engine.run(account.code, call.methodName, context)
  result.burnt += outcome.burnt
  result.burntInCalls += outcome.burnt
  result.used += outcome.used
  result.logs.push(...outcome.logs)
  addProfile(result.actionProfile, outcome.actionProfile)
  addProfile(result.hostProfile, outcome.hostProfile)
  if (outcome.failure !== null) return { FunctionCallError: functionCallError(outcome.failure) }
  world.put(receipt.receiverId, withStorage(account, outcome))
  const offset = result.newReceipts.length
  result.newReceipts.push(
    ...outcome.receipts.map((made) => ({ ...made, dependsOn: made.dependsOn.map((at) => at + offset) })),
  )
  result.returned =
    outcome.returned.kind === 'receipt' ? { kind: 'receipt', index: outcome.returned.index + offset } : outcome.returned
  return null
}
