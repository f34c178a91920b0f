import {
  actions as make,
  baseDecode,
  createTransaction,
  encodeTransaction,
  KeyPair,
  KeyPairSigner,
  type Action,
  type KeyPairString,
} from 'near-api-js'
import { startChain, type TestChain } from '../../src/harness/start-chain.ts'
import { testVm } from './test-vm.ts'
import { buildProbe } from './probe.ts'
import { post, rpc } from './rpc.ts'

export { make }

export type Outcome = {
  id: string
  block_hash: string
  outcome: {
    executor_id: string
    gas_burnt: number
    tokens_burnt: string
    logs: string[]
    receipt_ids: string[]
    status: Record<string, unknown>
    metadata: { gas_profile: { cost: string; gas_used: string }[] | null }
  }
}
export type Result = {
  final_execution_status: string
  status: { SuccessValue?: string; Failure?: { ActionError: { index: number | null; kind: unknown } } }
  transaction: { hash: string; nonce: number }
  transaction_outcome: Outcome
  receipts_outcome: Outcome[]
  receipts?: { receipt_id: string; predecessor_id: string; receiver_id: string; receipt: unknown }[]
}
export type Sent = { ok: true; result: Result } | { ok: false; error: { cause: { name: string }; data: unknown } }

export const NEAR = 10n ** 24n
const TGAS = 10n ** 12n

export const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString()

export type SendOptions = { key?: KeyPair; waitUntil?: string; blockHash?: Uint8Array }
export type CallOptions = SendOptions & { gas?: bigint; deposit?: bigint }

/** An account of a test with its first key. */
export class Actor {
  readonly id: string
  readonly key: KeyPair
  readonly #chain: TestChain
  readonly #used = new Map<string, bigint>()

  constructor(chain: TestChain, id: string, key: KeyPair) {
    this.#chain = chain
    this.id = id
    this.key = key
  }

  async #nonce(key: KeyPair): Promise<bigint> {
    const name = key.getPublicKey().toString()
    const view = await rpc<{ nonce?: number }>(this.#chain.rpcUrl, 'query', {
      request_type: 'view_access_key',
      finality: 'optimistic',
      account_id: this.id,
      public_key: name,
    })
    const stored = BigInt(view.nonce ?? 0)
    const used = this.#used.get(name) ?? 0n
    const nonce = (stored > used ? stored : used) + 1n
    this.#used.set(name, nonce)
    return nonce
  }

  async sign(receiverId: string, actions: Action[], options: SendOptions = {}): Promise<string> {
    const key = options.key ?? this.key
    const recent = async (): Promise<Uint8Array> => {
      const block = await rpc<{ header: { hash: string } }>(this.#chain.rpcUrl, 'block', { finality: 'final' })
      return baseDecode(block.header.hash)
    }
    const transaction = createTransaction(
      this.id,
      key.getPublicKey(),
      receiverId,
      await this.#nonce(key),
      actions,
      options.blockHash ?? (await recent()),
    )
    const { signedTransaction } = await new KeyPairSigner(key).signTransaction(transaction)
    return Buffer.from(encodeTransaction(signedTransaction)).toString('base64')
  }

  async send(receiverId: string, actions: Action[], options: SendOptions = {}): Promise<Sent> {
    const signed = await this.sign(receiverId, actions, options)
    const params = { signed_tx_base64: signed, wait_until: options.waitUntil ?? 'EXECUTED_OPTIMISTIC' }
    const { body } = await post(this.#chain.rpcUrl, { jsonrpc: '2.0', id: 'test', method: 'send_tx', params })
    return body['error'] === undefined
      ? { ok: true, result: body['result'] as Result }
      : { ok: false, error: body['error'] as never }
  }

  /** Sends and expects to be taken; whether the actions succeed is in the result. */
  async execute(receiverId: string, actions: Action[], options: SendOptions = {}): Promise<Result> {
    const sent = await this.send(receiverId, actions, options)
    if (!sent.ok) throw new Error(`not taken: ${JSON.stringify(sent.error)}`)
    return sent.result
  }

  call(
    contractId: string,
    method: string,
    input: string | Uint8Array = '',
    options: CallOptions = {},
  ): Promise<Result> {
    const args = typeof input === 'string' ? new TextEncoder().encode(input) : input
    const action = make.functionCall(method, args, options.gas ?? 100n * TGAS, options.deposit ?? 0n)
    return this.execute(contractId, [action], options)
  }
}

/** A chain with what tests look at and do. */
export class TestWorld {
  readonly chain: TestChain
  readonly root: Actor

  constructor(chain: TestChain) {
    this.chain = chain
    this.root = new Actor(chain, chain.root.accountId, KeyPair.fromString(chain.root.secretKey as KeyPairString))
  }

  static async start(): Promise<TestWorld> {
    return new TestWorld(await startChain({ vm: testVm }))
  }

  /** Creates `<name>.<root>` with a key of the curve. */
  async create(name: string, near = 20n, curve: 'ed25519' | 'secp256k1' = 'ed25519'): Promise<Actor> {
    const key = KeyPair.fromRandom(curve)
    const id = `${name}.${this.root.id}`
    const actions = [make.createAccount(), make.transfer(near * NEAR), make.addFullAccessKey(key.getPublicKey())]
    await this.root.execute(id, actions, { waitUntil: 'EXECUTED_OPTIMISTIC' })
    return new Actor(this.chain, id, key)
  }

  /** Creates an account with the probe contract, initialised. */
  async deploy(name: string): Promise<Actor> {
    const actor = await this.create(name)
    await actor.execute(actor.id, [make.deployContract(buildProbe())])
    // Its own refund is not to come later, when a test looks at its balance.
    await actor.call(actor.id, 'init', '', { waitUntil: 'FINAL' })
    return actor
  }

  query<T>(params: Record<string, unknown>, finality = 'optimistic'): Promise<T> {
    return rpc<T>(this.chain.rpcUrl, 'query', { finality, ...params })
  }

  async account(id: string): Promise<{ amount: bigint; storage: number; codeHash: string }> {
    const view = await this.query<{ amount: string; storage_usage: number; code_hash: string }>({
      request_type: 'view_account',
      account_id: id,
    })
    return { amount: BigInt(view.amount), storage: view.storage_usage, codeHash: view.code_hash }
  }

  /** Whether the account is there; any other trouble is thrown. */
  async exists(id: string): Promise<boolean> {
    try {
      await this.account(id)
      return true
    } catch (error) {
      if (String(error).includes('UNKNOWN_ACCOUNT')) return false
      throw error
    }
  }

  /** A view's value as text, or its error. */
  async view(contractId: string, method: string, input = '', finality = 'optimistic'): Promise<string> {
    const params = {
      request_type: 'call_function',
      account_id: contractId,
      method_name: method,
      args_base64: Buffer.from(input).toString('base64'),
    }
    const answer = await this.query<{ result?: number[]; error?: string }>(params, finality)
    return answer.result === undefined ? `error: ${answer.error}` : Buffer.from(answer.result).toString()
  }
}
