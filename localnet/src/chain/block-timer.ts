import type { Chain } from './chain.ts'

/** Produces a block every `blockMs`, until stopped. */
export class BlockTimer {
  readonly #chain: Chain
  #timer: NodeJS.Timeout | null = null

  constructor(chain: Chain) {
    this.#chain = chain
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#chain.produceBlock(), this.#chain.options.blockMs)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
