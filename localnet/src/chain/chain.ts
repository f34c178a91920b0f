import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import { parsePublicKey } from '../primitives/public-key.ts'
import { applyBlock, ReceiptQueue } from '../runtime/apply-block.ts'
import type { BlockContext } from '../runtime/block-context.ts'
import type { ErrorJson } from '../runtime/errors.ts'
import { chargeTransaction, formProblem } from '../runtime/validate-transaction.ts'
import { World } from '../state/world.ts'
import type { SignedTransaction } from '../transaction/decode.ts'
import type { RunContract } from '../vm/ports.ts'
import { sealBlock, type Block } from './block.ts'
import { BlockStore } from './block-store.ts'
import { genesisBlock } from './genesis.ts'
import { TransactionLog } from './transaction-log.ts'
import { TransactionPool } from './transaction-pool.ts'

export type ChainOptions = {
  readonly chainId: string
  /** The root account's public key, `ed25519:base58`. */
  readonly rootPublicKey: string
  readonly blockMs: number
  /** A transaction may name a block at most this many heights old. */
  readonly validityBlocks: number
  readonly epochLength: number
  /** Blocks that can be queried; older ones are forgotten. */
  readonly keepBlocks: number
  readonly engine: RunContract
}

/** A whole NEAR chain: one producer, one shard, in memory. Blocks come when `produceBlock` is called. */
export class Chain {
  readonly options: ChainOptions
  readonly #events = new EventEmitter<{ block: [Block] }>()
  #blocks: BlockStore
  #log = new TransactionLog()
  #pool = new TransactionPool()
  #queue = new ReceiptQueue()
  #seed: Uint8Array
  /** What fast-forwards have added to the clock, nanoseconds. */
  #clockAhead = 0n
  #heightSkip = 0
  /** State changes from outside, for the next block. */
  #patches: ((world: World) => void)[] = []

  constructor(options: ChainOptions) {
    this.options = options
    this.#events.setMaxListeners(0)
    this.#seed = randomBytes(32)
    this.#blocks = this.#newStore()
  }

  #newStore(): BlockStore {
    const parsed = parsePublicKey(this.options.rootPublicKey)
    if (!parsed.ok) throw new TypeError(`root key is no public key: ${parsed.problem}`)
    const genesis = genesisBlock(parsed.key, BigInt(Date.now()) * 1_000_000n, this.#seed)
    return new BlockStore(genesis, this.options.keepBlocks, this.options.validityBlocks + 1)
  }

  get blocks(): BlockStore {
    return this.#blocks
  }

  get log(): TransactionLog {
    return this.#log
  }

  /** Throws everything away and starts again from a new genesis. */
  reset(): void {
    this.#seed = randomBytes(32)
    this.#log = new TransactionLog()
    this.#pool = new TransactionPool()
    this.#queue = new ReceiptQueue()
    this.#clockAhead = 0n
    this.#heightSkip = 0
    this.#patches = []
    this.#blocks = this.#newStore()
  }

  epochHeight(height: number): number {
    return Math.floor((height - 1) / this.options.epochLength) + 1
  }

  /** The next block comes `delta` heights later, as much time as that many blocks take. */
  fastForward(delta: number): void {
    this.#heightSkip += delta
    this.#clockAhead += BigInt(delta) * BigInt(Math.round(this.options.blockMs * 1_000_000))
  }

  patch(change: (world: World) => void): void {
    this.#patches.push(change)
  }

  /** Runs what waits and appends a block. */
  produceBlock(): Block {
    const previous = this.#blocks.head('optimistic')
    const height = previous.height + 1 + this.#heightSkip
    this.#heightSkip = 0
    const now = BigInt(Date.now()) * 1_000_000n + this.#clockAhead
    const timestamp = now > previous.timestamp ? now : previous.timestamp + 1n
    const world = new World(previous.state)
    for (const change of this.#patches) change(world)
    this.#patches = []
    const context: BlockContext = {
      height,
      timestamp,
      epochHeight: this.epochHeight(height),
      randomValue: previous.randomValue,
      engine: this.options.engine,
    }
    const result = applyBlock(world, this.#pool.takeAll(), this.#queue, context)
    const outcomes = [...result.included.map(({ outcome }) => outcome), ...result.outcomes]
    const block = sealBlock(
      {
        height,
        ordinal: previous.ordinal + 1,
        prevHash: previous.hash,
        prevHeight: previous.height,
        timestamp,
        gasUsed: outcomes.reduce((gas, { gasBurnt }) => gas + gasBurnt, 0),
        tokensBurnt: outcomes.reduce((tokens, { tokensBurnt }) => tokens + tokensBurnt, 0n),
        hasTransactions: result.included.length > 0,
        state: world.snapshot(),
      },
      this.#seed,
    )
    this.#blocks.append(block)
    for (const { transaction, outcome } of result.included) this.#log.include({ transaction, outcome, block })
    for (const receipt of result.executed) this.#log.send(receipt)
    for (const receipt of result.outgoing) if (receipt.kind === 'action') this.#log.send(receipt)
    for (const outcome of result.outcomes) this.#log.execute(outcome, block)
    this.#log.forgetBefore(this.#blocks.earliest.ordinal)
    this.#events.emit('block', block)
    return block
  }

  /** Resolves with the next block; rejects with the signal's reason. */
  nextBlock(signal?: AbortSignal): Promise<Block> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#events.off('block', onBlock)
        signal?.removeEventListener('abort', onAbort)
      }
      const onBlock = (block: Block): void => {
        done()
        resolve(block)
      }
      const onAbort = (): void => {
        done()
        reject(signal?.reason as Error)
      }
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      this.#events.on('block', onBlock)
      signal?.addEventListener('abort', onAbort)
    })
  }

  /** Why a transaction cannot be taken now (nearcore's `process_tx`); null when it can. */
  problemOf(transaction: SignedTransaction): ErrorJson | null {
    const head = this.#blocks.head('optimistic')
    const named = this.#blocks.heightOf(transaction.blockHash)
    if (named === undefined || named + this.options.validityBlocks < head.height) return 'Expired'
    const form = formProblem(transaction)
    if (form !== null) return form
    // The block that will take it is not known yet, so the upper bound of the nonce is not checked here.
    const charged = chargeTransaction(transaction, head.state.get(transaction.signerId), Number.MAX_SAFE_INTEGER)
    return charged.kind === 'invalid' ? charged.error : null
  }

  /** Takes a transaction for the next block, or says why not. One sent again is taken as done. */
  submit(transaction: SignedTransaction): ErrorJson | null {
    if (this.#log.transaction(transaction.hash) !== undefined || this.#pool.has(transaction.hash)) return null
    const problem = this.problemOf(transaction)
    if (problem === null) this.#pool.add(transaction)
    return problem
  }
}
