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
  readonly genesis: Block

  /** @param keep how many blocks are remembered */
  constructor(genesis: Block, keep: number) {
    this.genesis = genesis
    this.#keep = keep
    this.append(genesis)
  }

  append(block: Block): void {
    this.#recent.push(block)
    this.#byHeight.set(block.height, block)
    this.#byHash.set(block.hash, block)
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

  isFinal(block: Block): boolean {
    return block.ordinal <= this.head('final').ordinal
  }
}
