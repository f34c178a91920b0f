import { isAccountId } from '../primitives/account-id.ts'
import type { Action } from '../transaction/action.ts'
import type { ErrorJson } from './errors.ts'
import { totalAttachedGas } from './fees.ts'

const LIMITS = {
  actions: 100,
  contractSize: 4_194_304,
  methodNameLength: 256,
  argumentsLength: 4_194_304,
  methodNamesBytes: 2_000,
  totalGas: 300_000_000_000_000n,
} as const

function problemOf(action: Action): ErrorJson | null {
  switch (action.type) {
    case 'DeployContract':
      return action.code.length > LIMITS.contractSize
        ? { ContractSizeExceeded: { size: action.code.length, limit: LIMITS.contractSize } }
        : null
    case 'FunctionCall': {
      if (action.gas === 0n) return 'FunctionCallZeroAttachedGas'
      const length = Buffer.byteLength(action.methodName)
      if (length > LIMITS.methodNameLength)
        return { FunctionCallMethodNameLengthExceeded: { length, limit: LIMITS.methodNameLength } }
      return action.args.length > LIMITS.argumentsLength
        ? { FunctionCallArgumentsLengthExceeded: { length: action.args.length, limit: LIMITS.argumentsLength } }
        : null
    }
    case 'AddKey': {
      const { permission } = action.accessKey
      if (permission.kind === 'full') return null
      if (!isAccountId(permission.receiverId)) return { InvalidAccountId: { account_id: permission.receiverId } }
      let total = 0
      for (const name of permission.methodNames) {
        const length = Buffer.byteLength(name)
        if (length > LIMITS.methodNameLength)
          return { AddKeyMethodNameLengthExceeded: { length, limit: LIMITS.methodNameLength } }
        total += length + 1
      }
      return total > LIMITS.methodNamesBytes
        ? { AddKeyMethodNamesNumberOfBytesExceeded: { total_number_of_bytes: total, limit: LIMITS.methodNamesBytes } }
        : null
    }
    case 'CreateAccount':
    case 'Transfer':
    case 'DeleteKey':
    case 'DeleteAccount':
      return null
    default:
      throw new TypeError(`unknown action ${(action satisfies never as Action).type}`)
  }
}

/** Why these actions can be in no transaction and no receipt (nearcore's `ActionsValidationError`); null when they can. */
export function actionsProblem(actions: readonly Action[]): ErrorJson | null {
  if (actions.length > LIMITS.actions)
    return { TotalNumberOfActionsExceeded: { total_number_of_actions: actions.length, limit: LIMITS.actions } }
  for (const [index, action] of actions.entries()) {
    if (action.type === 'DeleteAccount' && index < actions.length - 1) return 'DeleteActionMustBeFinal'
    const problem = problemOf(action)
    if (problem !== null) return problem
  }
  const gas = totalAttachedGas(actions)
  return gas > LIMITS.totalGas
    ? { TotalPrepaidGasExceeded: { total_prepaid_gas: gas, limit: Number(LIMITS.totalGas) } }
    : null
}
