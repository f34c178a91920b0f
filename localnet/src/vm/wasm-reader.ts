/** Thrown for bytes that are no WebAssembly module this chain accepts; becomes `PrepareError::Deserialization`. */
export class WasmFormatError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WasmFormatError'
  }
}

/** A cursor over WebAssembly's binary format. */
export class WasmReader {
  readonly bytes: Uint8Array
  offset: number
  readonly end: number

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  get done(): boolean {
    return this.offset >= this.end
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset++] : undefined
    if (value === undefined) throw new WasmFormatError(`unexpected end of module at ${this.offset}`)
    return value
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) return value
    }
    throw new WasmFormatError(`number too long at ${this.offset}`)
  }

  /** Passes over a LEB128 of any sign and width. */
  skipLeb(): void {
    for (let length = 0; length < 10; length++) if ((this.byte() & 0x80) === 0) return
    throw new WasmFormatError(`number too long at ${this.offset}`)
  }

  skip(count: number): void {
    this.offset += count
    if (this.offset > this.end) throw new WasmFormatError(`unexpected end of module at ${this.offset}`)
  }

  slice(count: number): Uint8Array {
    const start = this.offset
    this.skip(count)
    return this.bytes.subarray(start, this.offset)
  }
}

/** A growing byte buffer with WebAssembly's number formats. */
export class WasmWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }

  byte(value: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  u32(value: number): this {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    return this.byte(rest)
  }

  /** Signed LEB128, as `i32.const` wants it. */
  s32(value: number): this {
    let rest = value | 0
    for (;;) {
      const byte = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) return this.byte(byte)
      this.byte(byte | 0x80)
    }
  }

  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).raw(bytes)
  }

  section(id: number, body: WasmWriter): this {
    return this.byte(id).u32(body.length).raw(body.view())
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
