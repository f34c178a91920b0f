import { utf8 } from '../../primitives/bytes.ts'
import type { Host, HostFunctions } from './host.ts'

/** Who calls, with what, when; and what the account owns. */
export function contextFunctions(host: Host): HostFunctions {
  const { context, memory, gas } = host
  const text = (value: string) => (register: bigint) => {
    gas.pay('base')
    memory.setRegister(register, utf8(value))
  }
  const textInCall = (name: string, value: string) => (register: bigint) => {
    gas.pay('base')
    host.forbidInView(name)
    memory.setRegister(register, utf8(value))
  }
  return {
    current_account_id: text(context.currentAccountId),
    signer_account_id: textInCall('signer_account_id', context.signerAccountId),
    predecessor_account_id: textInCall('predecessor_account_id', context.predecessorAccountId),
    refund_to_account_id: textInCall('refund_to_account_id', context.refundToAccountId),
    signer_account_pk: (register: bigint) => {
      gas.pay('base')
      host.forbidInView('signer_account_pk')
      memory.setRegister(register, context.signerAccountPk)
    },
    input: (register: bigint) => {
      gas.pay('base')
      memory.setRegister(register, context.input, true)
    },
    current_contract_code: (register: bigint) => {
      gas.pay('base')
      if (context.codeHash === null) return 0n
      memory.setRegister(register, context.codeHash)
      return 1n
    },
    block_index: () => {
      gas.pay('base')
      return BigInt(context.blockHeight)
    },
    block_timestamp: () => {
      gas.pay('base')
      return context.blockTimestamp
    },
    epoch_height: () => {
      gas.pay('base')
      return BigInt(context.epochHeight)
    },
    storage_usage: () => {
      gas.pay('base')
      return BigInt(host.storageUsage)
    },
    account_balance: (ptr: bigint) => {
      gas.pay('base')
      memory.writeU128(ptr, host.balance)
    },
    account_locked_balance: (ptr: bigint) => {
      gas.pay('base')
      memory.writeU128(ptr, context.lockedBalance)
    },
    attached_deposit: (ptr: bigint) => {
      gas.pay('base')
      memory.writeU128(ptr, context.attachedDeposit)
    },
    prepaid_gas: () => {
      gas.pay('base')
      host.forbidInView('prepaid_gas')
      return BigInt(context.prepaidGas)
    },
    used_gas: () => {
      gas.pay('base')
      host.forbidInView('used_gas')
      return BigInt(gas.used)
    },
    random_seed: (register: bigint) => {
      gas.pay('base')
      memory.setRegister(register, context.randomSeed)
    },
  }
}
