import { FEES } from '../../runtime/fees.ts'
import { HostError, invalidPromiseIndex, limitExceeded } from '../errors.ts'
import { VM_LIMITS } from '../parameters.ts'
import { u64 } from '../guest-memory.ts'
import type { GuestPromise, Host, HostFunctions } from './host.ts'

/** The promise at `index`, as the contract names it. */
export function promiseAt(host: Host, index: bigint): GuestPromise {
  const promise = host.promises[Number(u64(index))]
  if (promise === undefined) throw invalidPromiseIndex(u64(index))
  return promise
}

function push(host: Host, promise: GuestPromise): bigint {
  host.promises.push(promise)
  if (host.promises.length > VM_LIMITS.maxPromisesPerCall)
    throw new HostError(
      `The number of promises within a FunctionCall ${host.promises.length} exceeds the limit ${VM_LIMITS.maxPromisesPerCall}`,
      `NumberPromisesExceeded { number_of_promises: ${host.promises.length}, limit: ${VM_LIMITS.maxPromisesPerCall} }`,
    )
  return BigInt(host.promises.length - 1)
}

/** Pays for a new receipt that waits for data, `dependsOn` telling for each whether it comes from the same account. */
function payNewReceipt(host: Host, toSelf: boolean, dependencies: readonly boolean[]): void {
  host.payActionBase('new_action_receipt', toSelf)
  const base = FEES.new_data_receipt_base
  const burn = dependencies.reduce((gas, self) => gas + (self ? base.sendSelf : base.send) + base.execute, 0)
  host.gas.payAction('NEW_DATA_RECEIPT_BASE', burn, burn)
}

const receiptIndices = (promise: GuestPromise): readonly number[] =>
  promise.kind === 'receipt' ? [promise.index] : promise.indices

function batchCreate(host: Host, receiverId: string): bigint {
  payNewReceipt(host, receiverId === host.context.currentAccountId, [])
  host.receipts.push({ receiverId, actions: [], dependsOn: [], refundTo: null })
  return push(host, { kind: 'receipt', index: host.receipts.length - 1 })
}

function batchThen(host: Host, after: bigint, receiverId: string): bigint {
  const dependsOn = receiptIndices(promiseAt(host, after))
  payNewReceipt(
    host,
    receiverId === host.context.currentAccountId,
    dependsOn.map((index) => host.receipts[index]?.receiverId === receiverId),
  )
  host.receipts.push({ receiverId, actions: [], dependsOn, refundTo: null })
  return push(host, { kind: 'receipt', index: host.receipts.length - 1 })
}

type AppendCall = (
  promise: bigint,
  methodLen: bigint,
  methodPtr: bigint,
  argsLen: bigint,
  argsPtr: bigint,
  amountPtr: bigint,
  gas: bigint,
) => void

/** Creating, chaining and joining promises, and reading their results. */
export function promiseFunctions(host: Host, appendCall: AppendCall): HostFunctions {
  const { gas, memory, context } = host
  const batch = (name: string, make: () => bigint): bigint => {
    gas.pay('base')
    host.forbidInView(name)
    return make()
  }
  return {
    promise_create: (
      idLen: bigint,
      idPtr: bigint,
      methodLen: bigint,
      methodPtr: bigint,
      argsLen: bigint,
      argsPtr: bigint,
      amountPtr: bigint,
      attached: bigint,
    ) => {
      const index = batch('promise_batch_create', () => batchCreate(host, host.readAccountId(idLen, idPtr)))
      appendCall(index, methodLen, methodPtr, argsLen, argsPtr, amountPtr, attached)
      return index
    },
    promise_then: (
      after: bigint,
      idLen: bigint,
      idPtr: bigint,
      methodLen: bigint,
      methodPtr: bigint,
      argsLen: bigint,
      argsPtr: bigint,
      amountPtr: bigint,
      attached: bigint,
    ) => {
      const index = batch('promise_batch_then', () => batchThen(host, after, host.readAccountId(idLen, idPtr)))
      appendCall(index, methodLen, methodPtr, argsLen, argsPtr, amountPtr, attached)
      return index
    },
    promise_batch_create: (idLen: bigint, idPtr: bigint) =>
      batch('promise_batch_create', () => batchCreate(host, host.readAccountId(idLen, idPtr))),
    promise_batch_then: (after: bigint, idLen: bigint, idPtr: bigint) =>
      batch('promise_batch_then', () => batchThen(host, after, host.readAccountId(idLen, idPtr))),
    promise_and: (indicesPtr: bigint, count: bigint) => {
      gas.pay('base')
      host.forbidInView('promise_and')
      gas.pay('promise_and_base')
      const bytes = u64(count) * 8n
      gas.pay('promise_and_per_promise', Number(bytes))
      const view = new DataView(memory.read(indicesPtr, bytes).buffer)
      const indices: number[] = []
      for (let offset = 0; offset < view.byteLength; offset += 8) {
        indices.push(...receiptIndices(promiseAt(host, view.getBigUint64(offset, true))))
        if (indices.length > VM_LIMITS.maxInputDataDependencies)
          throw limitExceeded(
            'NumberInputDataDependenciesExceeded',
            `The number of input data dependencies ${indices.length} exceeds the limit ${VM_LIMITS.maxInputDataDependencies}`,
            indices.length,
            VM_LIMITS.maxInputDataDependencies,
          )
      }
      return push(host, { kind: 'joint', indices })
    },
    promise_set_refund_to: (promise: bigint, idLen: bigint, idPtr: bigint) => {
      gas.pay('base')
      host.forbidInView('promise_set_refund_to')
      const refundTo = host.readAccountId(idLen, idPtr)
      const target = promiseAt(host, promise)
      const receipt = target.kind === 'receipt' ? host.receipts[target.index] : undefined
      if (receipt === undefined)
        throw new HostError('Setting refund_to on a joint promise is prohibited.', 'CannotSetRefundToOnJointPromise')
      receipt.refundTo = refundTo
    },
    promise_results_count: () => {
      gas.pay('base')
      host.forbidInView('promise_results_count')
      return BigInt(context.promiseResults.length)
    },
    promise_result: (index: bigint, register: bigint) => {
      gas.pay('base')
      host.forbidInView('promise_result')
      const result = context.promiseResults[Number(u64(index))]
      if (result === undefined)
        throw new HostError(
          `Accessed invalid promise result index: ${u64(index)}`,
          `InvalidPromiseResultIndex { result_idx: ${u64(index)} }`,
        )
      if (result.kind === 'failed') return 2n
      memory.setRegister(register, result.data, true)
      return 1n
    },
    promise_return: (promise: bigint) => {
      gas.pay('base')
      gas.pay('promise_return')
      host.forbidInView('promise_return')
      const target = promiseAt(host, promise)
      if (target.kind === 'joint')
        throw new HostError('Returning joint promise is currently prohibited.', 'CannotReturnJointPromise')
      host.returned = { kind: 'receipt', index: target.index }
    },
  }
}
