/** Thrown for bytes that are not what they should be; the message is what the node says of them. */
export class BorshError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BorshError'
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A cursor over borsh: little-endian numbers, u32-prefixed sequences. */
export class BorshReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get offset(): number {
    return this.#offset
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length
  }

  bytes(count: number): Uint8Array {
    if (this.#offset + count > this.#bytes.length) throw new BorshError('Unexpected length of input')
    this.#offset += count
    return this.#bytes.slice(this.#offset - count, this.#offset)
  }

  u8(): number {
    return this.bytes(1)[0] as number
  }

  u32(): number {
    this.bytes(4)
    return this.#view.getUint32(this.#offset - 4, true)
  }

  u64(): bigint {
    this.bytes(8)
    return this.#view.getBigUint64(this.#offset - 8, true)
  }

  u128(): bigint {
    const low = this.u64()
    return low + (this.u64() << 64n)
  }

  sequence(): Uint8Array {
    return this.bytes(this.u32())
  }

  text(): string {
    const bytes = this.sequence()
    try {
      return decoder.decode(bytes)
    } catch {
      throw new BorshError('invalid utf-8 sequence')
    }
  }

  option<T>(read: () => T): T | null {
    const tag = this.u8()
    if (tag > 1) throw new BorshError(`Invalid Option representation: ${tag}. The first byte must be 0 or 1`)
    return tag === 0 ? null : read()
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.u32() }, read)
  }
}
