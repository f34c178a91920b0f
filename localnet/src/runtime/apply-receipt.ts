import { SYSTEM_ACCOUNT } from '../primitives/account-id.ts'
import { hashText, utf8 } from '../primitives/bytes.ts'
import type { PublicKey } from '../primitives/public-key.ts'
import type { World } from '../state/world.ts'
import { actionDeposit } from '../transaction/action.ts'
import type { PromiseResult } from '../vm/call.ts'
import { emptyResult, type ActionsResult } from './action-result.ts'
import { applyAction } from './apply-action.ts'
import type { BlockContext } from './block-context.ts'
import { actionErrorJson, type ErrorJson } from './errors.ts'
import { executionGas, FEES, GAS_REWARD, gasToTokens, totalAttachedGas, totalExecutionGas } from './fees.ts'
import type { ActionReceipt, DataReceiver, Outcome, OutcomeStatus, Receipt } from './receipt.ts'
import { missingForStorage } from './storage-stake.ts'
import { actionsProblem } from './validate-actions.ts'

const EMPTY_KEY: PublicKey = { text: 'ed25519:11111111111111111111111111111111', borsh: new Uint8Array(33) }

/** Ids of what a receipt makes follow from its own id, the block and their order. */
const childId = (parent: string, height: number, index: number): string =>
  hashText(utf8(`receipt ${parent} ${height} ${index}`))
const dataIdOf = (parent: string, height: number, index: number): string =>
  hashText(utf8(`data ${parent} ${height} ${index}`))

function runActions(
  world: World,
  receipt: ActionReceipt,
  promiseResults: readonly PromiseResult[],
  block: BlockContext,
): ActionsResult {
  const result = emptyResult(FEES.new_action_receipt.execute)
  let actor = receipt.predecessorId
  for (const [index, action] of receipt.actions.entries()) {
    const gas = executionGas(action, receipt.receiverId)
    result.burnt += gas
    result.used += gas
    const step = { world, receipt, index, promiseResults, block, result, actor }
    let kind = applyAction(action, step)
    actor = step.actor
    kind ??= newReceiptsProblem(result)
    if (kind !== null) {
      result.error = { index, kind }
      return result
    }
  }
  const account = world.get(receipt.receiverId)
  const missing = account === undefined ? 0n : missingForStorage(account, account.amount)
  if (missing > 0n)
    result.error = {
      index: null,
      kind: { LackBalanceForState: { account_id: receipt.receiverId, amount: String(missing) } },
    }
  return result
}

function newReceiptsProblem(result: ActionsResult): ErrorJson | null {
  for (const { actions } of result.newReceipts) {
    const problem = actionsProblem(actions)
    if (problem !== null) return { NewReceiptValidationError: { ActionsValidation: problem } }
  }
  return null
}

type Draft = Omit<ActionReceipt, 'id' | 'outputDataReceivers' | 'inputDataIds'> & {
  readonly inputDataIds: string[]
  readonly outputDataReceivers: DataReceiver[]
}

/** The receipts a contract asked for, with the data that connects them. */
function promisedReceipts(result: ActionsResult, receipt: ActionReceipt, height: number): Draft[] {
  const drafts: Draft[] = result.newReceipts.map(({ receiverId, actions, refundTo }) => ({
    kind: 'action',
    predecessorId: receipt.receiverId,
    receiverId,
    signerId: receipt.signerId,
    signerPublicKey: receipt.signerPublicKey,
    gasPrice: receipt.gasPrice,
    actions,
    inputDataIds: [],
    outputDataReceivers: [],
    refundTo,
  }))
  let data = 0
  for (const [index, { dependsOn, receiverId }] of result.newReceipts.entries()) {
    for (const dependency of dependsOn) {
      const dataId = dataIdOf(receipt.id, height, data++)
      drafts[index]?.inputDataIds.push(dataId)
      drafts[dependency]?.outputDataReceivers.push({ dataId, receiverId })
    }
  }
  return drafts
}

function refundDraft(receiverId: string, amount: bigint, signer: { id: string; key: PublicKey }): Draft {
  return {
    kind: 'action',
    predecessorId: SYSTEM_ACCOUNT,
    receiverId,
    signerId: signer.id,
    signerPublicKey: signer.key,
    gasPrice: 0n,
    actions: [{ type: 'Transfer', deposit: amount }],
    inputDataIds: [],
    outputDataReceivers: [],
    refundTo: null,
  }
}

const bySystem = { id: SYSTEM_ACCOUNT, key: EMPTY_KEY }

/** Deposits of a failed receipt go back to its sender, unspent gas to the signer. */
function refunds(receipt: ActionReceipt, result: ActionsResult): Draft[] {
  if (receipt.predecessorId === SYSTEM_ACCOUNT) return []
  const { actions, receiverId } = receipt
  const drafts: Draft[] = []
  const deposits = actions.reduce((sum, action) => sum + actionDeposit(action), 0n)
  if (result.error !== null && deposits > 0n)
    drafts.push(refundDraft(receipt.refundTo ?? receipt.predecessorId, deposits, bySystem))
  const prepaid =
    Number(totalAttachedGas(actions)) + totalExecutionGas(actions, receiverId) + FEES.new_action_receipt.execute
  const unspent = prepaid - (result.error === null ? result.used : result.burnt)
  if (unspent > 0)
    drafts.push(
      refundDraft(receipt.signerId, BigInt(unspent) * receipt.gasPrice, {
        id: receipt.signerId,
        key: receipt.signerPublicKey,
      }),
    )
  return drafts
}

/** The called account earns a share of the gas its contract burnt, even if the call failed. */
function payReward(world: World, receipt: ActionReceipt, result: ActionsResult): void {
  const gas = Math.floor((result.burntInCalls * GAS_REWARD.numerator) / GAS_REWARD.denominator)
  const account = world.get(receipt.receiverId)
  if (gas > 0 && account !== undefined)
    world.put(receipt.receiverId, { ...account, amount: account.amount + BigInt(gas) * receipt.gasPrice })
}

export type ReceiptApplied = { readonly outcome: Outcome; readonly receipts: readonly Receipt[] }

/**
 * Runs an action receipt whose data has all come. State changes happen whole or not at all.
 * @returns its outcome and the receipts it sends out, which run in the next block
 */
export function applyReceipt(
  world: World,
  receipt: ActionReceipt,
  promiseResults: readonly PromiseResult[],
  block: BlockContext,
): ReceiptApplied {
  const fork = world.fork()
  const result = runActions(fork, receipt, promiseResults, block)
  const failed = result.error !== null
  if (!failed) fork.commit()
  payReward(world, receipt, result)

  const promised = failed ? [] : promisedReceipts(result, receipt, block.height)
  const payouts = failed
    ? []
    : result.payouts.map(({ receiverId, amount }) => refundDraft(receiverId, amount, bySystem))
  const drafts = [...promised, ...payouts, ...refunds(receipt, result)]
  const ids = drafts.map((_, index) => childId(receipt.id, block.height, index))
  const { returned } = result
  // Who waits for this receipt waits for the one it returned instead.
  if (!failed && returned.kind === 'receipt')
    drafts[returned.index]?.outputDataReceivers.push(...receipt.outputDataReceivers)
  const sent: Receipt[] = drafts.map((draft, index) => ({ ...draft, id: ids[index] as string }))
  if (failed || returned.kind !== 'receipt') {
    const data = failed ? null : returned.kind === 'value' ? returned.bytes : new Uint8Array()
    for (const [index, { dataId, receiverId }] of receipt.outputDataReceivers.entries())
      sent.push({
        kind: 'data',
        id: childId(receipt.id, block.height, drafts.length + index),
        predecessorId: receipt.receiverId,
        receiverId,
        dataId,
        data,
      })
  }
  return { outcome: outcomeOf(receipt, result, ids), receipts: sent }
}

function statusOf(result: ActionsResult, ids: readonly string[]): OutcomeStatus {
  if (result.error !== null) return { kind: 'failure', error: actionErrorJson(result.error) }
  switch (result.returned.kind) {
    case 'none':
      return { kind: 'value', bytes: new Uint8Array() }
    case 'value':
      return { kind: 'value', bytes: result.returned.bytes }
    case 'receipt':
      return { kind: 'receipt', id: ids[result.returned.index] as string }
    default:
      throw new TypeError(`unknown result ${String(result.returned satisfies never)}`)
  }
}

function outcomeOf(receipt: ActionReceipt, result: ActionsResult, receiptIds: readonly string[]): Outcome {
  return {
    id: receipt.id,
    executorId: receipt.receiverId,
    gasBurnt: result.burnt,
    tokensBurnt: receipt.predecessorId === SYSTEM_ACCOUNT ? 0n : gasToTokens(result.burnt),
    logs: result.logs,
    receiptIds,
    status: statusOf(result, receiptIds),
    profile: { actions: result.actionProfile, host: result.hostProfile },
  }
}
