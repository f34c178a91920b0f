import { HostError } from '../errors.ts'
import { contextFunctions } from './context.ts'
import { cryptoFunctions } from './crypto.ts'
import type { Host, HostFunction, HostFunctions } from './host.ts'
import { outputFunctions } from './output.ts'
import { appendFunctionCall, promiseActionFunctions } from './promise-actions.ts'
import { promiseFunctions } from './promises.ts'
import { registerFunctions } from './registers.ts'
import { storageFunctions } from './storage.ts'

/** Host functions NEAR has and this chain has not: a contract may import them, calling one fails. */
const NOT_OFFERED = [
  'alt_bn128_g1_multiexp',
  'alt_bn128_g1_sum',
  'alt_bn128_pairing_check',
  'bls12381_p1_sum',
  'bls12381_p2_sum',
  'bls12381_g1_multiexp',
  'bls12381_g2_multiexp',
  'bls12381_map_fp_to_g1',
  'bls12381_map_fp2_to_g2',
  'bls12381_pairing_check',
  'bls12381_p1_decompress',
  'bls12381_p2_decompress',
  'promise_batch_action_deploy_global_contract',
  'promise_batch_action_deploy_global_contract_by_account_id',
  'promise_batch_action_use_global_contract',
  'promise_batch_action_use_global_contract_by_account_id',
  'promise_batch_action_state_init',
  'promise_batch_action_state_init_by_account_id',
  'set_state_init_data_entry',
  'promise_batch_action_stake',
  'promise_yield_create',
  'promise_yield_resume',
  'validator_stake',
  'validator_total_stake',
  'gas',
] as const

const notOffered = (name: string): HostFunction => {
  return () => {
    throw new HostError(
      `the localnet does not offer the host function ${name}: use a NEAR node for this contract`,
      `NotOffered { method_name: "${name}" }`,
    )
  }
}

/** Settles the instruction count before a host function runs and hands out the rest after it. */
function metered(host: Host, run: HostFunction): HostFunction {
  return (...parameters: never[]) => {
    host.gas.settle()
    const result = run(...parameters)
    host.gas.publish()
    return result
  }
}

/** All of NEAR's `env` for one call. */
export function hostFunctions(host: Host): HostFunctions {
  const plain: HostFunctions = {
    ...registerFunctions(host),
    ...contextFunctions(host),
    ...storageFunctions(host),
    ...outputFunctions(host),
    ...cryptoFunctions(host),
    ...promiseFunctions(host, appendFunctionCall(host)),
    ...promiseActionFunctions(host),
    ...Object.fromEntries(NOT_OFFERED.map((name) => [name, notOffered(name)])),
  }
  return Object.fromEntries(Object.entries(plain).map(([name, run]) => [name, metered(host, run)]))
}
