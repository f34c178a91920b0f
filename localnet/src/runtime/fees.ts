import { actionGas, type Action } from '../transaction/action.ts'

type Fee = { readonly sendSelf: number; readonly send: number; readonly execute: number }
const fee = (sendSelf: number, send: number, execute: number): Fee => ({ sendSelf, send, execute })

/** Action fees in gas, mainnet, protocol 84. `sendSelf` is the sending fee when sender and receiver are one account. */
export const FEES = {
  new_action_receipt: fee(108_059_500_000, 108_059_500_000, 108_059_500_000),
  new_data_receipt_base: fee(36_486_732_312, 36_486_732_312, 36_486_732_312),
  new_data_receipt_byte: fee(17_212_011, 47_683_715, 17_212_011),
  create_account: fee(3_850_000_000_000, 3_850_000_000_000, 3_850_000_000_000),
  delete_account: fee(147_489_000_000, 147_489_000_000, 147_489_000_000),
  deploy_contract_base: fee(184_765_750_000, 184_765_750_000, 184_765_750_000),
  deploy_contract_byte: fee(6_812_999, 47_683_715, 64_572_944),
  function_call_base: fee(200_000_000_000, 200_000_000_000, 780_000_000_000),
  function_call_byte: fee(2_235_934, 47_683_715, 2_235_934),
  transfer: fee(115_123_062_500, 115_123_062_500, 115_123_062_500),
  add_full_access_key: fee(101_765_125_000, 101_765_125_000, 101_765_125_000),
  add_function_call_key_base: fee(102_217_625_000, 102_217_625_000, 102_217_625_000),
  add_function_call_key_byte: fee(1_925_331, 47_683_715, 1_925_331),
  delete_key: fee(94_946_625_000, 94_946_625_000, 94_946_625_000),
} as const
export type FeeName = keyof typeof FEES

/** yoctoNEAR per unit of gas; this chain's price never moves. */
export const GAS_PRICE = 100_000_000n

/** Share of a function call's burnt gas that the called account earns: 3/10. */
export const GAS_REWARD = { numerator: 3, denominator: 10 } as const

/** yoctoNEAR an account must hold per byte it stores. */
export const STORAGE_PRICE = 10_000_000_000_000_000_000n

/** Up to this many bytes an account may hold nothing. */
export const ZERO_BALANCE_STORAGE = 770

export const ACCOUNT_BYTES = 100
export const RECORD_BYTES = 40

export const gasToTokens = (gas: number): bigint => BigInt(gas) * GAS_PRICE

const sendOf = (name: FeeName, self: boolean): number => (self ? FEES[name].sendSelf : FEES[name].send)

/** The fees an action consists of, each with its number of units. */
export function actionFees(action: Action, receiverId: string): readonly (readonly [FeeName, number])[] {
  switch (action.type) {
    case 'CreateAccount':
      return [['create_account', 1]]
    case 'DeployContract':
      return [
        ['deploy_contract_base', 1],
        ['deploy_contract_byte', action.code.length],
      ]
    case 'FunctionCall':
      return [
        ['function_call_base', 1],
        ['function_call_byte', Buffer.byteLength(action.methodName) + action.args.length],
      ]
    case 'Transfer':
      // A transfer to an implicit account may create it: account and key are paid for in advance.
      return /^[0-9a-f]{64}$/.test(receiverId)
        ? [
            ['transfer', 1],
            ['create_account', 1],
            ['add_full_access_key', 1],
          ]
        : [['transfer', 1]]
    case 'AddKey': {
      if (action.accessKey.permission.kind === 'full') return [['add_full_access_key', 1]]
      const bytes = action.accessKey.permission.methodNames.reduce(
        (total, name) => total + Buffer.byteLength(name) + 1,
        0,
      )
      return [
        ['add_function_call_key_base', 1],
        ['add_function_call_key_byte', bytes],
      ]
    }
    case 'DeleteKey':
      return [['delete_key', 1]]
    case 'DeleteAccount':
      return [['delete_account', 1]]
    default:
      throw new TypeError(`no fee for action ${(action satisfies never as Action).type}`)
  }
}

export const sendGas = (action: Action, receiverId: string, self: boolean): number =>
  actionFees(action, receiverId).reduce((gas, [name, units]) => gas + sendOf(name, self) * units, 0)

export const executionGas = (action: Action, receiverId: string): number =>
  actionFees(action, receiverId).reduce((gas, [name, units]) => gas + FEES[name].execute * units, 0)

export const totalSendGas = (actions: readonly Action[], receiverId: string, self: boolean): number =>
  actions.reduce((gas, action) => gas + sendGas(action, receiverId, self), 0)

export const totalExecutionGas = (actions: readonly Action[], receiverId: string): number =>
  actions.reduce((gas, action) => gas + executionGas(action, receiverId), 0)

export const totalAttachedGas = (actions: readonly Action[]): bigint =>
  actions.reduce((gas, action) => gas + actionGas(action), 0n)
