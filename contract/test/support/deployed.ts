import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Account, actions, JsonRpcProvider, KeyPair, KeyPairSigner, type KeyPairString } from 'near-api-js'
import { startChain, type TestChain } from '../../../localnet/src/harness/start-chain.ts'
import { testVm } from '../../../localnet/test/support/test-vm.ts'
import { buildContract } from '../../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../../scripts/contract-build/paths.ts'
import { compileWasm } from './compile-wasm.ts'

/** All that a transaction may attach. */
const GAS = 300_000_000_000_000n
const NEAR = 10n ** 24n

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- views are JSON
export type Json = any

export interface CallResult {
  /** The panic text of the first receipt that failed, or null. */
  panic: string | null
  /** The `CODE` of the panic text, or null. */
  code: string | null
  /** Why the chain did not even accept the transaction, or null. */
  rejected: string | null
  events: string[]
  /** Gas burnt by the contract's own receipt, in Tgas. */
  tgas: number
}

/** The compiled contract on a chain (localnet, or the sandbox if NEAR_SANDBOX_BIN_PATH names one), in its own account. */
export class Deployed {
  readonly chain: TestChain
  readonly provider: JsonRpcProvider
  readonly root: Account
  readonly contract: Account

  constructor(chain: TestChain, provider: JsonRpcProvider, root: Account, contract: Account) {
    this.chain = chain
    this.provider = provider
    this.root = root
    this.contract = contract
  }

  static async start(): Promise<Deployed> {
    await buildContract(DEFAULT_OUT)
    const chain = await startChain({ vm: testVm })
    const provider = new JsonRpcProvider({ url: chain.rpcUrl })
    const root = new Account(chain.root.accountId, provider, signer(chain.root.secretKey))
    return deploy(chain, provider, root, 'holdfast')
  }

  /** Another contract on the same chain. */
  another(name: string): Promise<Deployed> {
    return deploy(this.chain, this.provider, this.root, name)
  }

  /** A new account with 10 NEAR and one full-access key. */
  account(name: string): Promise<Account> {
    return createAccount(this.root, name, 10n)
  }

  /** The same account by way of a new function-call key for the contract. */
  async withFunctionCallKey(account: Account, methodNames: readonly string[], allowance = NEAR): Promise<Account> {
    const key = KeyPair.fromRandom('ed25519')
    await account.addFunctionCallAccessKey({
      publicKey: key.getPublicKey(),
      contractId: this.contract.accountId,
      methodNames: [...methodNames],
      allowance,
    })
    return new Account(account.accountId, this.provider, new KeyPairSigner(key))
  }

  /** An account with the contract of relay.c. */
  async relay(name: string): Promise<Account> {
    const account = await this.account(name)
    await account.deployContract(compileWasm('relay.c'))
    return account
  }

  /** Every key and value that the contract has stored, as text. */
  async storage(): Promise<Record<string, string>> {
    const { values } = (await this.provider.query({
      request_type: 'view_state',
      account_id: this.contract.accountId,
      prefix_base64: '',
      finality: 'optimistic',
    } as never)) as Json
    const text = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')
    return Object.fromEntries(values.map(({ key, value }: Json) => [text(key), text(value)]))
  }

  /** Arguments given as text or bytes go as they are. */
  call(by: Account, method: string, args: object | string | Uint8Array = {}, deposit = 0n): Promise<CallResult> {
    return this.callOn(this.contract.accountId, by, method, args, deposit)
  }

  /** As `call`, of another contract. */
  async callOn(
    receiverId: string,
    by: Account,
    method: string,
    args: object | string | Uint8Array,
    deposit = 0n,
  ): Promise<CallResult> {
    const input =
      args instanceof Uint8Array ? args : Buffer.from(typeof args === 'string' ? args : JSON.stringify(args))
    const call = actions.functionCall(method, input, GAS, deposit)
    let outcome: Json
    try {
      outcome = await by.signAndSendTransaction({
        receiverId,
        actions: [call],
        waitUntil: 'EXECUTED_OPTIMISTIC',
        throwOnFailure: false,
      })
    } catch (error) {
      return {
        panic: null,
        code: null,
        rejected: `${(error as Error).name}: ${(error as Error).message}`,
        events: [],
        tgas: 0,
      }
    }
    const receipts = outcome.receipts_outcome.map((receipt: Json) => receipt.outcome)
    const failure = receipts.find((receipt: Json) => receipt.status.Failure !== undefined)?.status.Failure
    const panic: string | null =
      failure === undefined
        ? null
        : (failure.ActionError?.kind?.FunctionCallError?.ExecutionError ?? JSON.stringify(failure)).replace(
            'Smart contract panicked: ',
            '',
          )
    return {
      panic,
      code: panic === null ? null : (/^([A-Z_]+): /.exec(panic)?.[1] ?? null),
      rejected: null,
      events: receipts
        .flatMap((receipt: Json) => receipt.logs as string[])
        .filter((line: string) => line.startsWith('EVENT_JSON:'))
        .map((line: string) => JSON.parse(line.slice('EVENT_JSON:'.length)).event as string),
      tgas: receipts[0].gas_burnt / 1e12,
    }
  }

  view(method: string, args: object = {}): Promise<Json> {
    return this.provider.callFunction({
      contractId: this.contract.accountId,
      method,
      args: args as Record<string, unknown>,
    })
  }

  async balance(account: Account): Promise<bigint> {
    return (await account.getState()).balance.total
  }
}

async function deploy(chain: TestChain, provider: JsonRpcProvider, root: Account, name: string): Promise<Deployed> {
  const contract = await createAccount(root, name, 50n)
  await contract.deployContract(readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')))
  return new Deployed(chain, provider, root, contract)
}

export function signer(secretKey: string): KeyPairSigner {
  return KeyPairSigner.fromSecretKey(secretKey as KeyPairString)
}

async function createAccount(root: Account, name: string, near: bigint): Promise<Account> {
  const key = KeyPair.fromRandom('ed25519')
  const newAccountId = `${name}.${root.accountId}`
  await root.createAccount({ newAccountId, publicKey: key.getPublicKey(), nearToTransfer: near * NEAR })
  return new Account(newAccountId, root.provider, new KeyPairSigner(key))
}

/** The near text of the key an account object signs with. */
export async function publicKeyOf(account: Account): Promise<string> {
  const key = await account.getSigner()?.getPublicKey()
  if (key === undefined) throw new Error(`${account.accountId} has no signer`)
  return key.toString()
}
