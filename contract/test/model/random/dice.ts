/** Chance, decided by a number: the same number throws the same dice in every run. */
export class Dice {
  #state: number

  /** `seed`: any integer of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 up to and without `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end)
  }

  /** An integer from `first` to `last`. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in `percent` of 100 throws. */
  percent(percent: number): boolean {
    return this.#next() * 100 < percent
  }

  /** @throws RangeError if there is nothing to pick from */
  pick<Item>(items: Iterable<Item>): Item {
    const list = [...items]
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[this.below(list.length)] as Item
  }

  /** One of the items, each as probable as its weight. */
  weighed<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    const total = items.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.#next() * total
    const found = items.find(([weight]) => (left -= weight) < 0) ?? items.at(-1)
    if (found === undefined) throw new RangeError('nothing to weigh')
    return found[1]
  }

  shuffled<Item>(items: Iterable<Item>): Item[] {
    const list = [...items]
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[list[i], list[j]] = [list[j] as Item, list[i] as Item]
    }
    return list
  }

  /** mulberry32, public domain: well mixed even for seeds that follow each other. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
