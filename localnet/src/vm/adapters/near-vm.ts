import type { BlockingNearVm } from '../../../near-vm/blocking-client.ts'
import type {
  GasProfile as NearVmProfile,
  NearVmAction,
  NearVmError,
  NearVmOutcome,
  NearVmReceipt,
} from '../../../near-vm/messages.ts'
import { parsePublicKey, publicKeyFromBorsh, type PublicKey } from '../../primitives/public-key.ts'
import type { Action } from '../../transaction/action.ts'
import type { CallContext, CallOutcome, NewReceipt } from '../call.ts'
import type { VmFailure } from '../errors.ts'
import { shareUnusedGas, type WeightedCall } from '../gas-weights.ts'
import type { GasProfile } from '../gas-counter.ts'
import type { ContractCode, RunContract } from '../ports.ts'

/** Who signs a view: nobody. */
const NO_KEY = 'ed25519:11111111111111111111111111111111'

/** Contracts in NEAR's own VM, in a process of its own: seconds for a contract's first call, then some 10 ms each. */
export class NearVmEngine implements RunContract {
  readonly #vm: BlockingNearVm
  /** What the program calls a code, by ours. */
  readonly #loaded = new Map<string, string>()

  /** The engine ends `vm` when it is closed. */
  constructor(vm: BlockingNearVm) {
    this.#vm = vm
  }

  run(code: ContractCode, method: string, context: CallContext): CallOutcome {
    const outcome = this.#vm.call({
      codeHash: this.#load(code),
      method,
      input: context.input,
      account: context.currentAccountId,
      predecessor: context.predecessorAccountId,
      signer: context.signerAccountId,
      signerPublicKey: publicKeyFromBorsh(context.signerAccountPk)?.text ?? NO_KEY,
      deposit: context.attachedDeposit,
      prepaidGas: context.prepaidGas,
      blockHeight: context.blockHeight,
      blockTimestamp: context.blockTimestamp,
      epochHeight: context.epochHeight,
      balance: context.accountBalance,
      lockedBalance: context.lockedBalance,
      storageUsage: context.storageUsage,
      view: context.isView,
      promiseResults: context.promiseResults.map((result) => (result.kind === 'success' ? result.data : null)),
      refundTo: context.refundToAccountId,
      outputReceivers: context.outputReceivers,
      randomSeed: context.randomSeed,
      storage: context.storage,
    })
    return readOutcome(outcome, context)
  }

  close(): Promise<void> {
    return this.#vm.close()
  }

  #load({ wasm, hash }: ContractCode): string {
    const known = this.#loaded.get(hash)
    if (known !== undefined) return known
    const loaded = this.#vm.load(wasm)
    this.#loaded.set(hash, loaded)
    return loaded
  }
}

function readOutcome(outcome: NearVmOutcome, context: CallContext): CallOutcome {
  const weighted: WeightedCall[] = []
  const receipts = outcome.receipts.map((receipt) => readReceipt(receipt, weighted))
  const failure = outcome.error === null ? null : readError(outcome.error)
  const shared = failure === null ? shareUnusedGas(weighted, BigInt(context.prepaidGas - outcome.usedGas)) : 0n
  return {
    failure,
    burnt: outcome.burntGas,
    used: outcome.usedGas + Number(shared),
    logs: outcome.logs,
    actionProfile: profile(outcome.profile.actions),
    hostProfile: hostProfile(outcome.profile),
    returned: outcome.returned.kind === 'value' ? { kind: 'value', bytes: outcome.returned.value } : outcome.returned,
    balance: outcome.balance,
    storageUsage: outcome.storageUsage,
    storage: outcome.changes,
    receipts,
  }
}

function readReceipt({ receiver, after, actions, refundTo }: NearVmReceipt, weighted: WeightedCall[]): NewReceipt {
  return {
    receiverId: receiver,
    dependsOn: after,
    refundTo,
    actions: actions.map((action) => readAction(action, weighted)),
  }
}

/** @throws Error for an action that the localnet's runtime has not */
function readAction(action: NearVmAction, weighted: WeightedCall[]): Action {
  switch (action.kind) {
    case 'create_account':
      return { type: 'CreateAccount' }
    case 'deploy_contract':
      return { type: 'DeployContract', code: action.code }
    case 'function_call': {
      const { method, args, deposit } = action
      const call = { type: 'FunctionCall' as const, methodName: method, args, gas: BigInt(action.gas), deposit }
      if (action.gasWeight > 0n) weighted.push({ action: call, weight: action.gasWeight })
      return call
    }
    case 'transfer':
      return { type: 'Transfer', deposit: action.deposit }
    case 'add_full_access_key': {
      const accessKey = { nonce: action.nonce, permission: { kind: 'full' as const } }
      return { type: 'AddKey', publicKey: publicKey(action.publicKey), accessKey }
    }
    case 'add_function_call_key': {
      const { allowance, receiver, methods } = action
      const permission = { kind: 'call' as const, allowance, receiverId: receiver, methodNames: methods }
      return { type: 'AddKey', publicKey: publicKey(action.publicKey), accessKey: { nonce: action.nonce, permission } }
    }
    case 'delete_key':
      return { type: 'DeleteKey', publicKey: publicKey(action.publicKey) }
    case 'delete_account':
      return { type: 'DeleteAccount', beneficiaryId: action.beneficiary }
    case 'stake':
      throw new Error('the localnet has no validators: a contract that stakes needs a NEAR node')
    default:
      throw new TypeError(`unknown action ${(action satisfies never as NearVmAction).kind}`)
  }
}

function publicKey(text: string): PublicKey {
  const parsed = parsePublicKey(text)
  if (!parsed.ok) throw new TypeError(`NEAR's VM sent a public key that is none: ${parsed.problem}`)
  return parsed.key
}

const METHOD_PROBLEMS = {
  MethodNotFound: 'method_not_found',
  MethodEmptyName: 'method_empty_name',
  MethodInvalidSignature: 'method_invalid_signature',
} as const

function readError({ kind, message, debug }: NearVmError): VmFailure {
  switch (kind) {
    case 'ExecutionError':
      return { kind: 'execution', text: message, debug }
    case 'MethodResolveError':
      return { kind: METHOD_PROBLEMS[message as keyof typeof METHOD_PROBLEMS] }
    case 'LinkError':
      return { kind: 'link', message }
    case 'CompilationError':
      return { kind: 'prepare', problem: message.replace('PrepareError: ', '') }
    default:
      throw new TypeError(`unknown failure ${String(kind satisfies never)}`)
  }
}

function hostProfile({ wasm, host }: NearVmProfile): GasProfile {
  return new Map([...profile(host), ['WASM_INSTRUCTION', wasm]])
}

/** A receipt's profile names costs in upper case. */
function profile(costs: Readonly<Record<string, number>>): GasProfile {
  return new Map(Object.entries(costs).map(([cost, gas]) => [cost.toUpperCase(), gas]))
}
