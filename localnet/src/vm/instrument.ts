import { meterFunction } from './meter-function.ts'
import { INITIAL_MEMORY_PAGES, VM_LIMITS } from './parameters.ts'
import { WasmFormatError, WasmReader, WasmWriter } from './wasm-reader.ts'

/** Names under which the rewritten module exports what the chain needs; no contract can export them itself by accident. */
export const OPS_EXPORT = '\u0000ops'
export const MEMORY_EXPORT = '\u0000memory'
export const START_EXPORT = '\u0000start'

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** The order in which sections must come; the data count comes before the code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11]

export type ImportRefusal = 'Instantiate' | 'Memory'
export class WasmImportError extends Error {
  readonly problem: ImportRefusal
  constructor(problem: ImportRefusal, message: string) {
    super(message)
    this.name = 'WasmImportError'
    this.problem = problem
  }
}

function splitSections(wasm: Uint8Array): Map<number, Uint8Array> {
  const reader = new WasmReader(wasm)
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  if (magic.some((expected) => reader.byte() !== expected)) throw new WasmFormatError('bad magic number')
  const sections = new Map<number, Uint8Array>()
  while (!reader.done) {
    const id = reader.byte()
    const body = reader.slice(reader.u32())
    if (id === SECTION.custom) continue
    if (id > SECTION.dataCount || sections.has(id)) throw new WasmFormatError(`unexpected section ${id}`)
    sections.set(id, body)
  }
  return sections
}

/** The parameter types of each function type. */
function readTypes(body: Uint8Array | undefined): Uint8Array[] {
  if (body === undefined) return []
  const reader = new WasmReader(body)
  return Array.from({ length: reader.u32() }, () => {
    if (reader.byte() !== 0x60) throw new WasmFormatError('not a function type')
    const parameters = reader.slice(reader.u32())
    reader.skip(reader.u32())
    return parameters
  })
}

/** Checks the imports as NEAR does: functions of `env` only. */
function checkImports(body: Uint8Array | undefined): void {
  if (body === undefined) return
  const reader = new WasmReader(body)
  for (let count = reader.u32(); count > 0; count--) {
    const module = Buffer.from(reader.slice(reader.u32())).toString()
    reader.skip(reader.u32())
    if (module !== 'env') throw new WasmImportError('Instantiate', `import from ${module}`)
    const kind = reader.byte()
    if (kind === 2) throw new WasmImportError('Memory', 'imports a memory')
    if (kind !== 0) throw new WasmImportError('Instantiate', 'imports something else than a function')
    reader.u32()
  }
}

function countGlobals(body: Uint8Array | undefined): number {
  return body === undefined ? 0 : new WasmReader(body).u32()
}

/** One memory with NEAR's maximum, whatever the contract declares. */
function memorySection(body: Uint8Array | undefined): WasmWriter {
  let declared = 0
  if (body !== undefined) {
    const reader = new WasmReader(body)
    if (reader.u32() > 1) throw new WasmFormatError('more than one memory')
    reader.byte()
    declared = reader.u32()
  }
  if (declared > VM_LIMITS.maxMemoryPages) throw new WasmFormatError('memory larger than allowed')
  const pages = Math.max(declared, INITIAL_MEMORY_PAGES)
  return new WasmWriter(16).u32(1).byte(0x01).u32(pages).u32(VM_LIMITS.maxMemoryPages)
}

function globalSection(body: Uint8Array | undefined, globals: number): WasmWriter {
  const out = new WasmWriter((body?.length ?? 0) + 16).u32(globals + 1)
  if (body !== undefined) {
    const reader = new WasmReader(body)
    reader.u32()
    out.raw(body.subarray(reader.offset))
  }
  // (global (mut i32) (i32.const 0)): how many instructions may still run.
  return out.byte(0x7f).byte(0x01).byte(0x41).s32(0).byte(0x0b)
}

function exportSection(body: Uint8Array | undefined, opsGlobal: number, start: number | null): WasmWriter {
  const out = new WasmWriter((body?.length ?? 0) + 64)
  const kept = new WasmWriter((body?.length ?? 0) + 16)
  let count = start === null ? 2 : 3
  if (body !== undefined) {
    const reader = new WasmReader(body)
    for (let left = reader.u32(); left > 0; left--) {
      const begin = reader.offset
      reader.skip(reader.u32())
      const kind = reader.byte()
      reader.u32()
      if (kind === 2) continue
      kept.raw(body.subarray(begin, reader.offset))
      count += 1
    }
  }
  out.u32(count).raw(kept.view())
  out.name(OPS_EXPORT).byte(3).u32(opsGlobal)
  out.name(MEMORY_EXPORT).byte(2).u32(0)
  if (start !== null) out.name(START_EXPORT).byte(0).u32(start)
  return out
}

function codeSection(
  body: Uint8Array,
  functions: Uint8Array | undefined,
  types: readonly Uint8Array[],
  ops: number,
): WasmWriter {
  const reader = new WasmReader(body)
  const typeIndices = new WasmReader(functions ?? Uint8Array.of(0))
  const count = reader.u32()
  if (typeIndices.u32() !== count) throw new WasmFormatError('functions and bodies differ in number')
  if (count > VM_LIMITS.maxFunctions) throw new WasmFormatError('too many functions')
  const out = new WasmWriter(body.length * 2).u32(count)
  for (let index = 0; index < count; index++) {
    const parameters = types[typeIndices.u32()]
    if (parameters === undefined) throw new WasmFormatError('unknown function type')
    const metered = meterFunction(reader.slice(reader.u32()), parameters, ops)
    out.u32(metered.length).raw(metered)
  }
  return out
}

/**
 * Prepares a contract for V8: adds an instruction counter (see meterFunction) in a new global exported as OPS_EXPORT,
 * gives it a memory that can grow as large as on NEAR, and turns the start function into an export, so that it runs with the counter set.
 * @throws WasmFormatError when the bytes are no module; WasmImportError when it imports what NEAR does not offer
 */
export function instrument(wasm: Uint8Array): Uint8Array {
  const sections = splitSections(wasm)
  checkImports(sections.get(SECTION.import))
  const opsGlobal = countGlobals(sections.get(SECTION.global))
  const startBody = sections.get(SECTION.start)
  const start = startBody === undefined ? null : new WasmReader(startBody).u32()
  const types = readTypes(sections.get(SECTION.type))
  const out = new WasmWriter(wasm.length * 2)
  out.raw(wasm.subarray(0, 8))
  for (const id of ORDER) {
    const body = sections.get(id)
    switch (id) {
      case SECTION.memory:
        out.section(id, memorySection(body))
        break
      case SECTION.global:
        out.section(id, globalSection(body, opsGlobal))
        break
      case SECTION.export:
        out.section(id, exportSection(body, opsGlobal, start))
        break
      case SECTION.code:
        if (body !== undefined) out.section(id, codeSection(body, sections.get(SECTION.function), types, opsGlobal))
        break
      default:
        if (body !== undefined) out.byte(id).u32(body.length).raw(body)
    }
  }
  return out.view()
}
