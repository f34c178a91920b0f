/**
 * Takes the start-up of every call into the build: runs `snapshot_init` of the linked wasm (contract/native/contract.c)
 * and returns a wasm that begins with the memory it left behind. The same input gives the same bytes.
 */

const SECTION = { custom: 0, memory: 5, global: 6, export: 7, start: 8, data: 11, dataCount: 12 } as const
const PAGE_BYTES = 64 * 1024
/** Zeros between two stretches of data that cost as much as a new segment's head. */
const GAP_BYTES = 12
const INIT = 'snapshot_init'

interface Section {
  id: number
  body: Uint8Array
}

/**
 * @param stackBytes the size of the linker's stack: what is left on it is no part of the snapshot
 * @throws Error if the start-up calls a function of the chain, or if the wasm is built otherwise than expected
 */
export function takeSnapshot(linked: Uint8Array<ArrayBuffer>, stackBytes: number): Uint8Array<ArrayBuffer> {
  const memory = memoryAfterStartUp(linked)
  const sections = split(linked)
  const stackPointer = onlyGlobal(sections)
  memory.fill(0, stackPointer - stackBytes, stackPointer)
  const segments = stretches(memory)
  const replaced = sections
    .filter(({ id }) => id !== SECTION.custom)
    .map(({ id, body }): Section => {
      if (id === SECTION.memory) return { id, body: Uint8Array.of(1, 0, ...unsigned(memory.length / PAGE_BYTES)) }
      if (id === SECTION.export) return { id, body: withoutInit(body) }
      if (id === SECTION.dataCount) return { id, body: Uint8Array.from(unsigned(segments.length)) }
      if (id === SECTION.data) return { id, body: dataSection(memory, segments) }
      return { id, body }
    })
  const parts = replaced.flatMap(({ id, body }) => [Uint8Array.of(id, ...unsigned(body.length)), body])
  return new Uint8Array(Buffer.concat([linked.subarray(0, 8), ...parts]))
}

/** The memory `snapshot_init` leaves, in a machine without a chain. */
function memoryAfterStartUp(linked: Uint8Array<ArrayBuffer>): Uint8Array {
  const module = new WebAssembly.Module(linked)
  const env: Record<string, () => never> = {}
  for (const { name } of WebAssembly.Module.imports(module)) {
    env[name] = () => {
      throw new Error(`the contract calls ${name} while its modules are loaded; only a method may ask the chain`)
    }
  }
  const { exports } = new WebAssembly.Instance(module, { env })
  const init = exports[INIT] as () => void
  init()
  return new Uint8Array((exports.memory as WebAssembly.Memory).buffer)
}

function split(wasm: Uint8Array): Section[] {
  const reader = new Reader(wasm, 8)
  const sections: Section[] = []
  while (!reader.done()) {
    const id = reader.byte()
    sections.push({ id, body: reader.bytes(reader.unsigned()) })
  }
  if (sections.some(({ id }) => id === SECTION.start)) throw new Error('the linked wasm has a start function')
  for (const id of [SECTION.memory, SECTION.global, SECTION.export, SECTION.data]) {
    if (!sections.some((section) => section.id === id)) throw new Error(`the linked wasm has no section ${id}`)
  }
  return sections
}

/**
 * The stack pointer's initial value. It is the only global that may change, and it is back where it was when
 * `snapshot_init` returns; with another one the memory alone would not be the whole state.
 */
function onlyGlobal(sections: Section[]): number {
  const reader = new Reader(sections.find(({ id }) => id === SECTION.global)?.body ?? new Uint8Array(), 0)
  const count = reader.unsigned()
  const [type, mutable, opcode] = [reader.byte(), reader.byte(), reader.byte()]
  if (count !== 1 || type !== 0x7f || mutable !== 1 || opcode !== 0x41) {
    throw new Error(`the linked wasm should have one global, the stack pointer; it has ${count}, or another one`)
  }
  return reader.unsigned()
}

/** [from, to) of everything that is not zero; short gaps are part of it. */
function stretches(memory: Uint8Array): [number, number][] {
  const found: [number, number][] = []
  for (let at = 0; at < memory.length; at++) {
    if (memory[at] === 0) continue
    const last = found.at(-1)
    if (last !== undefined && at - last[1] <= GAP_BYTES) last[1] = at + 1
    else found.push([at, at + 1])
  }
  return found
}

function dataSection(memory: Uint8Array, segments: [number, number][]): Uint8Array {
  const parts = segments.flatMap(([from, to]) => [
    // active, memory 0, at i32.const `from`
    Uint8Array.of(0, 0x41, ...signed(from), 0x0b, ...unsigned(to - from)),
    memory.subarray(from, to),
  ])
  return Buffer.concat([Uint8Array.from(unsigned(segments.length)), ...parts])
}

function withoutInit(body: Uint8Array): Uint8Array {
  const reader = new Reader(body, 0)
  const kept: Uint8Array[] = []
  for (let left = reader.unsigned(); left > 0; left--) {
    const start = reader.at
    const name = new TextDecoder().decode(reader.bytes(reader.unsigned()))
    reader.byte()
    reader.unsigned()
    if (name !== INIT) kept.push(body.subarray(start, reader.at))
  }
  return Buffer.concat([Uint8Array.from(unsigned(kept.length)), ...kept])
}

/** LEB128, as wasm writes integers. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}

/** Signed LEB128 of a number below 2^31. */
function signed(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7) {
    if (rest < 64) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}

class Reader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  done(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new Error('the linked wasm ends in the middle of a section')
    return byte
  }

  bytes(count: number): Uint8Array {
    this.at += count
    return this.#bytes.subarray(this.at - count, this.at)
  }

  unsigned(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
}
