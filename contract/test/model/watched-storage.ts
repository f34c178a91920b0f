/** A contract's storage, one character per byte of a key. */
export type Storage = ReadonlyMap<string, Uint8Array>

/** A storage that knows which keys were asked for. */
export class WatchedStorage extends Map<string, Uint8Array> {
  readonly #asked = new Map<string, Uint8Array | undefined>()

  override get(key: string): Uint8Array | undefined {
    const value = super.get(key)
    this.#asked.set(key, value)
    return value
  }

  /** What was read; everything, if it was handed on as a whole. */
  get read(): ReadonlyMap<string, Uint8Array | undefined> {
    return this.#asked.size === 0 ? this : this.#asked
  }
}
