import {
  baseDecode,
  createTransaction,
  decodeSignedTransaction,
  encodeTransaction,
  KeyPair,
  KeyPairSigner,
  PublicKey,
  actions as make,
  type Action,
  type KeyPairString,
} from 'near-api-js'
import type { TestChain } from '../../src/harness/start-chain.ts'
import { rpc } from './rpc.ts'
import type { NodeCase } from './vectors.ts'

/** The recorded run's root key. */
const RECORDED_ROOT = 'ed25519:G6SqG52ZC81gH7rMsbf84SneK5T79xDuXSTEi9ZdRnki'

type Params = Record<string, unknown>
type Rpc = { jsonrpc: string; id: string; method: string; params: unknown }

/**
 * Turns recorded requests into ones for another chain: every key of the recording has a twin here, every transaction is
 * signed anew with the twin, the next nonce and a recent block.
 */
export class Replay {
  readonly #chain: TestChain
  readonly #twins = new Map<string, KeyPair>()
  readonly #contract: Uint8Array
  readonly #accepted = new Map<KeyPair, bigint>()
  #lastHash = ''
  #lastNonce: { key: KeyPair; nonce: bigint } | null = null
  #again = ''

  constructor(chain: TestChain, contract: Uint8Array) {
    this.#chain = chain
    this.#contract = contract
    this.#twins.set(RECORDED_ROOT, KeyPair.fromString(chain.root.secretKey as KeyPairString))
  }

  #twin(recorded: string): KeyPair {
    const known = this.#twins.get(recorded)
    if (known !== undefined) return known
    const fresh = KeyPair.fromRandom('ed25519')
    this.#twins.set(recorded, fresh)
    return fresh
  }

  /** Recorded keys and their twins under one name each. */
  nameKeys = (text: string): string => {
    let named = text
    for (const [index, [recorded, twin]] of [...this.#twins].entries())
      named = named.replaceAll(recorded, `<key ${index}>`).replaceAll(twin.getPublicKey().toString(), `<key ${index}>`)
    return named
  }

  #twinText(recorded: string): string {
    return this.#twins.get(recorded)?.getPublicKey().toString() ?? recorded
  }

  #action(action: Action, name: string): Action {
    if (action.addKey !== undefined) {
      const twin = this.#twin(PublicKey.from(action.addKey.publicKey as never).toString())
      return { ...action, addKey: { ...action.addKey, publicKey: twin.getPublicKey() } } as Action
    }
    if (name === 'call with too little gas' && action.functionCall !== undefined)
      // The probe's `bump` is cheap: what is compared is how a call ends that has not enough.
      return { ...action, functionCall: { ...action.functionCall, methodName: 'spin' } } as Action
    return action
  }

  async #nonce(accountId: string, key: KeyPair, name: string, recorded: bigint): Promise<bigint> {
    if (name === 'nonce far too large') return recorded
    const view = await rpc<{ nonce?: number }>(this.#chain.rpcUrl, 'query', {
      request_type: 'view_access_key',
      finality: 'optimistic',
      account_id: accountId,
      public_key: key.getPublicKey().toString(),
    })
    const stored = BigInt(view.nonce ?? 0)
    if (name === 'nonce used before') return stored
    // A transaction that nobody waited for may not be in a block yet.
    const accepted = this.#accepted.get(key) ?? 0n
    return (stored > accepted ? stored : accepted) + 1n
  }

  async #blockHash(name: string, recorded: Uint8Array): Promise<Uint8Array> {
    if (name === 'block hash unknown') return recorded
    const block = await rpc<{ header: { hash: string } }>(this.#chain.rpcUrl, 'block', { finality: 'final' })
    return baseDecode(block.header.hash)
  }

  async #finalHeight(): Promise<number> {
    const block = await rpc<{ header: { height: number } }>(this.#chain.rpcUrl, 'block', { finality: 'final' })
    return block.header.height
  }

  async #sign(base64: string, name: string): Promise<string> {
    if (name === 'deploy') return this.#deploy()
    const { transaction } = decodeSignedTransaction(Buffer.from(base64, 'base64'))
    const twin = this.#twin(PublicKey.from(transaction.publicKey as never).toString())
    const rebuilt = createTransaction(
      transaction.signerId,
      twin.getPublicKey(),
      transaction.receiverId,
      await this.#nonce(transaction.signerId, twin, name, transaction.nonce),
      transaction.actions.map((action) => this.#action(action as Action, name)),
      await this.#blockHash(name, transaction.blockHash),
    )
    return this.#finish(rebuilt, twin, name)
  }

  async #deploy(): Promise<string> {
    const owner = this.#twin('ed25519:hp39Ui4pEnhkqigDxKm5QSqBdWcMqKmPu1Ro8QTtchm')
    const transaction = createTransaction(
      'c.test.near',
      owner.getPublicKey(),
      'c.test.near',
      await this.#nonce('c.test.near', owner, 'deploy', 0n),
      [make.deployContract(this.#contract)],
      await this.#blockHash('deploy', new Uint8Array()),
    )
    return this.#finish(transaction, owner, 'deploy')
  }

  async #finish(transaction: ReturnType<typeof createTransaction>, key: KeyPair, name: string): Promise<string> {
    this.#lastNonce = name === 'nonce far too large' ? null : { key, nonce: transaction.nonce }
    const { signedTransaction } = await new KeyPairSigner(key).signTransaction(transaction)
    const bytes = encodeTransaction(signedTransaction)
    if (name === 'wrong signature') bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1
    return Buffer.from(bytes).toString('base64')
  }

  async #params(params: unknown, name: string): Promise<unknown> {
    if (Array.isArray(params)) {
      const [first] = params as unknown[]
      return typeof first === 'string' && first.length > 100 ? [await this.#sign(first, name)] : params
    }
    const out: Params = { ...(params as Params) }
    // A node's first blocks can lack their chunk.
    if (name === 'block by height') out['block_id'] = await this.#finalHeight()
    const signed = out['signed_tx_base64']
    if (typeof signed === 'string' && (signed.length > 50 || signed === '(the contract)'))
      out['signed_tx_base64'] = name === 'sent twice: the same again' ? this.#again : await this.#sign(signed, name)
    if (typeof out['public_key'] === 'string') out['public_key'] = this.#twinText(out['public_key'])
    if (typeof out['tx_hash'] === 'string' && name !== 'tx unknown hash') out['tx_hash'] = this.#lastHash
    if (name === 'sent twice: first') this.#again = String(out['signed_tx_base64'])
    return out
  }

  /** The request of a case, for this chain. */
  async request(recorded: NodeCase): Promise<Rpc> {
    const request = recorded.request as Rpc
    return { ...request, params: await this.#params(request.params, recorded.case) }
  }

  /** To be called with every answer: later requests ask for earlier transactions. */
  remember(answer: { result?: unknown }): void {
    if (answer.result !== undefined && this.#lastNonce !== null)
      this.#accepted.set(this.#lastNonce.key, this.#lastNonce.nonce)
    this.#lastNonce = null
    const hash = (answer as { result?: { transaction?: { hash?: string } } }).result?.transaction?.hash
    if (hash !== undefined) this.#lastHash = hash
  }
}
