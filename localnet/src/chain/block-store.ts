import type { Block } from './block.ts'

export type Finality = 'optimistic' | 'near-final' | 'final'
/** Blocks behind the newest. */
const LAG: Readonly<Record<Finality, number>> = { optimistic: 0, 'near-final': 1, final: 2 }

export type BlockLookup =
  { readonly kind: 'found'; readonly block: Block } | { readonly kind: 'unknown' } | { readonly kind: 'forgotten' }

/** The chain's blocks, newest last; old ones are forgotten, the genesis never. */
export class BlockStore {
  readonly #keep: number
  readonly #byHeight = new Map<number, Block>()
  readonly #byHash = new Map<string, Block>()
  readonly #recent: Block[] = []
  /** Heights by hash, kept longer than the blocks: transactions name a block by its hash. */
  readonly #heights = new Map<string, number>()
  readonly #keepHashes: number
  readonly genesis: Block

  /**
   * @param keep how many blocks are remembered whole
   * @param keepHashes of how many the hash is known
   */
  constructor(genesis: Block, keep: number, keepHashes: number) {
    this.genesis = genesis
    this.#keep = keep
    this.#keepHashes = keepHashes
    this.append(genesis)
  }

  append(block: Block): void {
    this.#recent.push(block)
    this.#byHeight.set(block.height, block)
    this.#byHash.set(block.hash, block)
    this.#heights.set(block.hash, block.height)
    const [oldest] = this.#heights.keys()
    if (this.#heights.size > this.#keepHashes && oldest !== undefined) this.#heights.delete(oldest)
    if (this.#recent.length <= this.#keep) return
    const old = this.#recent.shift()
    if (old === undefined || old === this.genesis) return
    this.#byHeight.delete(old.height)
    this.#byHash.delete(old.hash)
  }

  /** The newest block of a finality, `lag` blocks further behind. */
  head(finality: Finality, lag = 0): Block {
    const index = Math.max(0, this.#recent.length - 1 - LAG[finality] - lag)
    return this.#recent[index] as Block
  }

  get earliest(): Block {
    return this.#recent[0] as Block
  }

  byHeight(height: number): BlockLookup {
    const block = this.#byHeight.get(height)
    if (block !== undefined) return { kind: 'found', block }
    const isOld = height > this.genesis.height && height < this.earliest.height
    return isOld ? { kind: 'forgotten' } : { kind: 'unknown' }
  }

  byHash(hash: string): Block | undefined {
    return this.#byHash.get(hash)
  }

  /** Height of the block with this hash, also of one that is forgotten otherwise. */
  heightOf(hash: string): number | undefined {
    return this.#heights.get(hash)
  }

  isFinal(block: Block): boolean {
    return block.ordinal <= this.head('final').ordinal
  }
}
