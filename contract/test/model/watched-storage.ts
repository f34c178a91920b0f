/** A contract's storage, one character per byte of a key. */
export type Storage = ReadonlyMap<string, Uint8Array>

/** A storage that knows what was read of it: single keys, or all of it by whoever goes through it. */
export class WatchedStorage extends Map<string, Uint8Array> {
  readonly read = new Map<string, Uint8Array | undefined>()
  readonly #storage: Storage

  constructor(storage: Storage) {
    super()
    this.#storage = storage
  }

  override get(key: string): Uint8Array | undefined {
    const value = this.#storage.get(key)
    this.read.set(key, value)
    return value
  }

  override *[Symbol.iterator](): MapIterator<[string, Uint8Array]> {
    for (const entry of this.#storage) {
      this.read.set(...entry)
      yield entry
    }
  }

  override entries(): MapIterator<[string, Uint8Array]> {
    return this[Symbol.iterator]()
  }
}
