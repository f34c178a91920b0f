import type { Action } from '../../transaction/action.ts'
import { isNearImplicit } from '../../primitives/account-id.ts'
import { emptyMethodName, HostError } from '../errors.ts'
import { decodeUtf8, u64 } from '../guest-memory.ts'
import { VM_LIMITS } from '../parameters.ts'
import type { Host, HostFunctions } from './host.ts'
import { promiseAt } from './promises.ts'

type Target = { readonly actions: Action[]; readonly toSelf: boolean; readonly receiverId: string }

function target(host: Host, promise: bigint): Target {
  const found = promiseAt(host, promise)
  const receipt = found.kind === 'receipt' ? host.receipts[found.index] : undefined
  if (receipt === undefined)
    throw new HostError('Actions can only be appended to non-joint promise.', 'CannotAppendActionToJointPromise')
  return {
    actions: receipt.actions,
    toSelf: receipt.receiverId === host.context.currentAccountId,
    receiverId: receipt.receiverId,
  }
}

/** Method names of a key come as one comma-separated text. */
function splitMethodNames(text: string): string[] {
  if (text === '') return []
  const names = text.split(',')
  if (names.includes('')) throw emptyMethodName()
  return names
}

/** `promise_batch_action_function_call_weight`, which the other call functions are built on. */
export function appendFunctionCall(host: Host) {
  return (
    promise: bigint,
    methodLen: bigint,
    methodPtr: bigint,
    argsLen: bigint,
    argsPtr: bigint,
    amountPtr: bigint,
    attached: bigint,
    weight = 0n,
  ): void => {
    host.gas.pay('base')
    host.forbidInView('promise_batch_action_function_call')
    const deposit = host.memory.readU128(amountPtr)
    const method = host.memory.readSource(methodPtr, methodLen)
    if (method.length === 0) throw emptyMethodName()
    const args = host.memory.readSource(argsPtr, argsLen)
    const { actions, toSelf } = target(host, promise)
    host.payActionBase('function_call_base', toSelf)
    host.payActionBase('function_call_byte', toSelf, method.length + args.length)
    host.gas.prepay(Number(u64(attached)))
    host.deductBalance(deposit)
    const action = { type: 'FunctionCall' as const, methodName: decodeUtf8(method), args, gas: u64(attached), deposit }
    actions.push(action)
    if (u64(weight) > 0n) host.weights.push({ action, weight: u64(weight) })
  }
}

/** What a promise does: the actions of its receipt. */
export function promiseActionFunctions(host: Host): HostFunctions {
  const { gas, memory } = host
  const call = appendFunctionCall(host)
  const begin = (name: string): void => {
    gas.pay('base')
    host.forbidInView(`promise_batch_action_${name}`)
  }
  return {
    promise_batch_action_create_account: (promise: bigint) => {
      begin('create_account')
      const { actions, toSelf } = target(host, promise)
      host.payActionBase('create_account', toSelf)
      actions.push({ type: 'CreateAccount' })
    },
    promise_batch_action_deploy_contract: (promise: bigint, len: bigint, ptr: bigint) => {
      begin('deploy_contract')
      const code = memory.readSource(ptr, len)
      if (code.length > VM_LIMITS.maxContractSize)
        throw new HostError(
          `The size of a contract code in DeployContract action ${code.length} exceeds the limit ${VM_LIMITS.maxContractSize}`,
          `ContractSizeExceeded { size: ${code.length}, limit: ${VM_LIMITS.maxContractSize} }`,
        )
      const { actions, toSelf } = target(host, promise)
      host.payActionBase('deploy_contract_base', toSelf)
      host.payActionBase('deploy_contract_byte', toSelf, code.length)
      actions.push({ type: 'DeployContract', code })
    },
    promise_batch_action_function_call: (
      promise: bigint,
      methodLen: bigint,
      methodPtr: bigint,
      argsLen: bigint,
      argsPtr: bigint,
      amountPtr: bigint,
      attached: bigint,
    ) => call(promise, methodLen, methodPtr, argsLen, argsPtr, amountPtr, attached),
    promise_batch_action_function_call_weight: call,
    promise_batch_action_transfer: (promise: bigint, amountPtr: bigint) => {
      begin('transfer')
      const deposit = memory.readU128(amountPtr)
      const { actions, toSelf, receiverId } = target(host, promise)
      host.payActionBase('transfer', toSelf)
      if (isNearImplicit(receiverId)) {
        host.payActionBase('create_account', toSelf)
        host.payActionBase('add_full_access_key', toSelf)
      }
      host.deductBalance(deposit)
      actions.push({ type: 'Transfer', deposit })
    },
    promise_batch_action_add_key_with_full_access: (promise: bigint, len: bigint, ptr: bigint, nonce: bigint) => {
      begin('add_key_with_full_access')
      const publicKey = host.readPublicKey(len, ptr)
      const { actions, toSelf } = target(host, promise)
      host.payActionBase('add_full_access_key', toSelf)
      actions.push({
        type: 'AddKey',
        publicKey: publicKey(),
        accessKey: { nonce: u64(nonce), permission: { kind: 'full' } },
      })
    },
    promise_batch_action_add_key_with_function_call: (
      promise: bigint,
      keyLen: bigint,
      keyPtr: bigint,
      nonce: bigint,
      allowancePtr: bigint,
      receiverLen: bigint,
      receiverPtr: bigint,
      namesLen: bigint,
      namesPtr: bigint,
    ) => {
      begin('add_key_with_function_call')
      const publicKey = host.readPublicKey(keyLen, keyPtr)
      const allowance = memory.readU128(allowancePtr)
      const receiverId = host.readAccountId(receiverLen, receiverPtr)
      const methodNames = splitMethodNames(decodeUtf8(memory.readSource(namesPtr, namesLen)))
      const { actions, toSelf } = target(host, promise)
      const bytes = methodNames.reduce((total, name) => total + Buffer.byteLength(name) + 1, 0)
      host.payActionBase('add_function_call_key_base', toSelf)
      host.payActionBase('add_function_call_key_byte', toSelf, bytes)
      actions.push({
        type: 'AddKey',
        publicKey: publicKey(),
        accessKey: {
          nonce: u64(nonce),
          permission: { kind: 'call', allowance: allowance > 0n ? allowance : null, receiverId, methodNames },
        },
      })
    },
    promise_batch_action_delete_key: (promise: bigint, len: bigint, ptr: bigint) => {
      begin('delete_key')
      const publicKey = host.readPublicKey(len, ptr)
      const { actions, toSelf } = target(host, promise)
      host.payActionBase('delete_key', toSelf)
      actions.push({ type: 'DeleteKey', publicKey: publicKey() })
    },
    promise_batch_action_delete_account: (promise: bigint, len: bigint, ptr: bigint) => {
      begin('delete_account')
      const beneficiaryId = host.readAccountId(len, ptr)
      const { actions, toSelf } = target(host, promise)
      host.payActionBase('delete_account', toSelf)
      actions.push({ type: 'DeleteAccount', beneficiaryId })
    },
  }
}
