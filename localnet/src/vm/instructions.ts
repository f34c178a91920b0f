import type { WasmReader } from './wasm-reader.ts'
import { WasmFormatError } from './wasm-reader.ts'

/** What an instruction means for gas metering. */
export type InstructionClass =
  | 'plain'
  /** `block`: free, control runs straight through. */
  | 'free'
  /** Ends a stretch of instructions that always run together. */
  | 'boundary'
  /** `end` and `else`: free, and a boundary. */
  | 'free boundary'
  /** `loop`: a boundary whose next stretch may run for ever. */
  | 'loop'
  /** Bulk memory and table instructions: cost depends on the count on top of the stack. */
  | 'linear'

const skipBlockType = (reader: WasmReader): void => reader.skipLeb()

function skipMisc(reader: WasmReader): InstructionClass {
  const sub = reader.u32()
  if (sub <= 7) return 'plain'
  switch (sub) {
    case 8: // memory.init
    case 10: // memory.copy
    case 12: // table.init
    case 14: // table.copy
      reader.u32()
      reader.u32()
      return 'linear'
    case 11: // memory.fill
    case 17: // table.fill
      reader.u32()
      return 'linear'
    case 9: // data.drop
    case 13: // elem.drop
    case 15: // table.grow
    case 16: // table.size
      reader.u32()
      return 'plain'
    default:
      throw new WasmFormatError(`unknown instruction 0xfc ${sub}`)
  }
}

/**
 * Reads one instruction with its immediates. Accepts WebAssembly 1.0 with sign extension, saturating conversions, bulk
 * memory and reference types: what NEAR accepts.
 * @throws WasmFormatError for any other opcode
 */
export function readInstruction(reader: WasmReader): { opcode: number; kind: InstructionClass } {
  const opcode = reader.byte()
  const kind = ((): InstructionClass => {
    switch (opcode) {
      case 0x02: // block
        skipBlockType(reader)
        return 'free'
      case 0x03: // loop
        skipBlockType(reader)
        return 'loop'
      case 0x04: // if
        skipBlockType(reader)
        return 'boundary'
      case 0x05: // else
      case 0x0b: // end
        return 'free boundary'
      case 0x00: // unreachable
      case 0x0f: // return
        return 'boundary'
      case 0x0c: // br
      case 0x0d: // br_if
      case 0x10: // call
        reader.u32()
        return 'boundary'
      case 0x0e: // br_table
        for (let count = reader.u32() + 1; count > 0; count--) reader.u32()
        return 'boundary'
      case 0x11: // call_indirect
        reader.u32()
        reader.u32()
        return 'boundary'
      case 0x1c: // select with types
        for (let count = reader.u32(); count > 0; count--) reader.byte()
        return 'plain'
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd0: // ref.null
        reader.skipLeb()
        return 'plain'
      case 0x43: // f32.const
        reader.skip(4)
        return 'plain'
      case 0x44: // f64.const
        reader.skip(8)
        return 'plain'
      case 0xd2: // ref.func
      case 0x3f: // memory.size
      case 0x40: // memory.grow
        reader.u32()
        return 'plain'
      case 0x01: // nop
      case 0x1a: // drop
      case 0x1b: // select
      case 0xd1: // ref.is_null
        return 'plain'
      case 0xfc:
        return skipMisc(reader)
      default:
        if (opcode >= 0x20 && opcode <= 0x26) {
          reader.u32() // locals, globals, tables
          return 'plain'
        }
        if (opcode >= 0x28 && opcode <= 0x3e) {
          reader.u32() // alignment
          reader.u32() // offset
          return 'plain'
        }
        if (opcode >= 0x45 && opcode <= 0xc4) return 'plain'
        throw new WasmFormatError(`unknown instruction 0x${opcode.toString(16)}`)
    }
  })()
  return { opcode, kind }
}
