import type { GasCounter } from './gas-counter.ts'
import { badUtf8, invalidRegister, logTooLong, memoryAccessViolation } from './errors.ts'
import { VM_LIMITS } from './parameters.ts'

const U64_MAX = 2n ** 64n - 1n
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** i64 parameters arrive signed; the host interface means them unsigned. */
export const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

/** A contract's linear memory and its registers, each access paid for. */
export class GuestMemory {
  readonly #gas: GasCounter
  readonly #registers = new Map<bigint, Uint8Array>()
  #memory: WebAssembly.Memory | null = null
  #registerBytes = 0

  constructor(gas: GasCounter) {
    this.#gas = gas
  }

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory
  }

  #window(ptr: bigint, len: bigint): Uint8Array {
    const buffer = this.#memory?.buffer
    const start = u64(ptr)
    const length = u64(len)
    if (buffer === undefined || start + length > BigInt(buffer.byteLength)) throw memoryAccessViolation()
    return new Uint8Array(buffer, Number(start), Number(length))
  }

  read(ptr: bigint, len: bigint): Uint8Array {
    this.#gas.pay('read_memory_base')
    this.#gas.pay('read_memory_byte', Number(u64(len)))
    return this.readForFree(ptr, len)
  }

  readForFree(ptr: bigint, len: bigint): Uint8Array {
    return this.#window(ptr, len).slice()
  }

  readU128(ptr: bigint): bigint {
    const view = new DataView(this.read(ptr, 16n).buffer)
    return view.getBigUint64(0, true) + (view.getBigUint64(8, true) << 64n)
  }

  write(ptr: bigint, bytes: Uint8Array): void {
    this.#gas.pay('write_memory_base')
    this.#gas.pay('write_memory_byte', bytes.length)
    this.#window(ptr, BigInt(bytes.length)).set(bytes)
  }

  writeU128(ptr: bigint, value: bigint): void {
    const bytes = new Uint8Array(16)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(0, BigInt.asUintN(64, value), true)
    view.setBigUint64(8, value >> 64n, true)
    this.write(ptr, bytes)
  }

  /** The bytes at `ptr`, or those of register `ptr` when `len` is 2^64-1. */
  readSource(ptr: bigint, len: bigint): Uint8Array {
    return u64(len) === U64_MAX ? this.readRegister(ptr) : this.read(ptr, len)
  }

  readRegister(id: bigint): Uint8Array {
    const data = this.#registers.get(u64(id))
    if (data === undefined) throw invalidRegister(u64(id))
    this.#gas.pay('read_register_base')
    this.#gas.pay('read_register_byte', data.length)
    return data
  }

  registerLength(id: bigint): bigint {
    const data = this.#registers.get(u64(id))
    return data === undefined ? U64_MAX : BigInt(data.length)
  }

  /** @param free the bytes cost nothing: the call's input and promise results are shared, not copied */
  setRegister(id: bigint, data: Uint8Array, free = false): void {
    this.#gas.pay('write_register_base')
    if (!free) this.#gas.pay('write_register_byte', data.length)
    const key = u64(id)
    const old = this.#registers.get(key)
    const bytes = this.#registerBytes + data.length - (old?.length ?? 0)
    if (
      data.length > VM_LIMITS.maxRegisterSize ||
      bytes > VM_LIMITS.registersMemoryLimit ||
      (old === undefined && this.#registers.size >= VM_LIMITS.maxRegisters)
    )
      throw memoryAccessViolation()
    this.#registerBytes = bytes
    this.#registers.set(key, data)
  }

  /**
   * A UTF-8 text that counts towards the logs: `len` bytes, or up to the next zero byte when `len` is 2^64-1.
   * @param room how many bytes the logs may still take
   */
  readLogText(len: bigint, ptr: bigint, room: number): string {
    this.#gas.pay('utf8_decoding_base')
    let bytes: Uint8Array
    if (u64(len) === U64_MAX) {
      const collected: number[] = []
      for (let index = 0n; ; index++) {
        const byte = this.read(ptr + index, 1n)[0] as number
        if (byte === 0) break
        if (collected.length === room) throw logTooLong(room + 1, room)
        collected.push(byte)
      }
      bytes = Uint8Array.from(collected)
    } else {
      if (u64(len) > BigInt(room)) throw logTooLong(u64(len), room)
      bytes = this.read(ptr, len)
    }
    this.#gas.pay('utf8_decoding_byte', bytes.length)
    return decodeUtf8(bytes)
  }
}

/** @throws HostError BadUTF8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw badUtf8()
  }
}
