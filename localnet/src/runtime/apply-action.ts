import { isNearImplicit, SYSTEM_ACCOUNT } from '../primitives/account-id.ts'
import { hashText } from '../primitives/bytes.ts'
import type { AccountState, World } from '../state/world.ts'
import type { Action } from '../transaction/action.ts'
import type { PromiseResult } from '../vm/call.ts'
import type { ActionsResult } from './action-result.ts'
import { creationProblem, emptyAccount, implicitAccount, initialNonce, keyStorage } from './accounts.ts'
import type { BlockContext } from './block-context.ts'
import { callContract } from './call-contract.ts'
import type { ErrorJson } from './errors.ts'
import type { ActionReceipt } from './receipt.ts'

/** An account with more than this in its storage, code apart, cannot be deleted. */
const MAX_DELETABLE_STORAGE = 10_000

type Step = {
  readonly world: World
  readonly receipt: ActionReceipt
  readonly index: number
  readonly promiseResults: readonly PromiseResult[]
  readonly block: BlockContext
  readonly result: ActionsResult
  /** In whose name the actions run: the sender's, or the account's own once they have created it. */
  actor: string
}

function needsOwner(action: Action): boolean {
  switch (action.type) {
    case 'DeployContract':
    case 'AddKey':
    case 'DeleteKey':
    case 'DeleteAccount':
      return true
    case 'CreateAccount':
    case 'FunctionCall':
    case 'Transfer':
      return false
    default:
      throw new TypeError(`unknown action ${(action satisfies never as Action).type}`)
  }
}

function existenceProblem(action: Action, exists: boolean, { receipt }: Step): ErrorJson | null {
  const id = receipt.receiverId
  if (action.type === 'CreateAccount') {
    if (exists) return { AccountAlreadyExists: { account_id: id } }
    return isNearImplicit(id) ? { OnlyImplicitAccountCreationAllowed: { account_id: id } } : null
  }
  if (exists) return null
  const createsImplicit =
    action.type === 'Transfer' &&
    receipt.actions.length === 1 &&
    receipt.predecessorId !== SYSTEM_ACCOUNT &&
    isNearImplicit(id)
  return createsImplicit ? null : { AccountDoesNotExist: { account_id: id } }
}

/** A gas refund also gives the access key back what it was allowed. */
function refundAllowance(account: AccountState, publicKey: string, amount: bigint): AccountState {
  const key = account.keys.get(publicKey)
  if (key === undefined || key.permission.kind === 'full' || key.permission.allowance === null) return account
  const permission = { ...key.permission, allowance: key.permission.allowance + amount }
  return { ...account, keys: new Map(account.keys).set(publicKey, { ...key, permission }) }
}

function transfer(step: Step, account: AccountState | undefined, deposit: bigint): void {
  const { world, receipt, block } = step
  const id = receipt.receiverId
  if (account === undefined) {
    step.actor = id
    world.put(id, implicitAccount(id, deposit, block.height))
    return
  }
  const paid = { ...account, amount: account.amount + deposit }
  const isGasRefund = receipt.predecessorId === SYSTEM_ACCOUNT && receipt.signerId === id
  world.put(id, isGasRefund ? refundAllowance(paid, receipt.signerPublicKey.text, deposit) : paid)
}

function addKey(step: Step, account: AccountState, action: Extract<Action, { type: 'AddKey' }>): ErrorJson | null {
  const id = step.receipt.receiverId
  const { publicKey, accessKey } = action
  if (account.keys.has(publicKey.text)) return { AddKeyAlreadyExists: { account_id: id, public_key: publicKey.text } }
  const added = { ...accessKey, nonce: initialNonce(step.block.height) }
  step.world.put(id, {
    ...account,
    storageUsage: account.storageUsage + keyStorage(publicKey, added),
    keys: new Map(account.keys).set(publicKey.text, added),
  })
  return null
}

function deleteKey(
  step: Step,
  account: AccountState,
  action: Extract<Action, { type: 'DeleteKey' }>,
): ErrorJson | null {
  const id = step.receipt.receiverId
  const { publicKey } = action
  const access = account.keys.get(publicKey.text)
  if (access === undefined) return { DeleteKeyDoesNotExist: { account_id: id, public_key: publicKey.text } }
  const keys = new Map(account.keys)
  keys.delete(publicKey.text)
  step.world.put(id, { ...account, storageUsage: account.storageUsage - keyStorage(publicKey, access), keys })
  return null
}

function deleteAccount(step: Step, account: AccountState, beneficiaryId: string): ErrorJson | null {
  const { world, receipt, result } = step
  const id = receipt.receiverId
  if (account.locked > 0n) return { DeleteAccountStaking: { account_id: id } }
  if (account.storageUsage - (account.code?.wasm.length ?? 0) > MAX_DELETABLE_STORAGE)
    return { DeleteAccountWithLargeState: { account_id: id } }
  if (account.amount > 0n) result.payouts.push({ receiverId: beneficiaryId, amount: account.amount })
  world.remove(id)
  step.actor = receipt.predecessorId
  return null
}

function deploy(step: Step, account: AccountState, wasm: Uint8Array): void {
  step.world.put(step.receipt.receiverId, {
    ...account,
    storageUsage: account.storageUsage - (account.code?.wasm.length ?? 0) + wasm.length,
    code: { wasm, hash: hashText(wasm) },
  })
}

/**
 * Runs one action of a receipt on `step.world`, which is thrown away when any action fails.
 * @returns why it failed, or null
 */
export function applyAction(action: Action, step: Step): ErrorJson | null {
  const { world, receipt, result } = step
  const id = receipt.receiverId
  const account = world.get(id)
  const missing = existenceProblem(action, account !== undefined, step)
  if (missing !== null) return missing
  if (needsOwner(action) && step.actor !== id) return { ActorNoPermission: { account_id: id, actor_id: step.actor } }
  result.returned = { kind: 'none' }
  if (action.type === 'CreateAccount') {
    const problem = creationProblem(id, receipt.predecessorId)
    if (problem !== null) return problem
    step.actor = id
    world.put(id, emptyAccount(0n))
    return null
  }
  if (action.type === 'Transfer') {
    transfer(step, account, action.deposit)
    return null
  }
  if (account === undefined) return { AccountDoesNotExist: { account_id: id } }
  switch (action.type) {
    case 'DeployContract':
      deploy(step, account, action.code)
      return null
    case 'FunctionCall':
      return callContract(world, action, account, receipt, step.promiseResults, step.index, result, step.block)
    case 'AddKey':
      return addKey(step, account, action)
    case 'DeleteKey':
      return deleteKey(step, account, action)
    case 'DeleteAccount':
      return deleteAccount(step, account, action.beneficiaryId)
    default:
      throw new TypeError(`unknown action ${(action satisfies never as Action).type}`)
  }
}
