import { readInstruction } from './instructions.ts'
import { LINEAR_OP_BASE } from './parameters.ts'
import { WasmReader, WasmWriter } from './wasm-reader.ts'

const GLOBAL_GET = 0x23
const GLOBAL_SET = 0x24
const LOCAL_GET = 0x20
const LOCAL_TEE = 0x22
const I32_CONST = 0x41
const I32_SUB = 0x6b
const I32_LT_S = 0x48
const I32 = 0x7f
const VOID = 0x40

/** `ops -= cost`, and when `check` is set also `if (ops < 0) unreachable`. */
function writeCharge(out: WasmWriter, opsGlobal: number, cost: number, check: boolean): void {
  if (cost > 0) {
    out.byte(GLOBAL_GET).u32(opsGlobal).byte(I32_CONST).s32(cost).byte(I32_SUB).byte(GLOBAL_SET).u32(opsGlobal)
  }
  if (check) {
    out.byte(GLOBAL_GET).u32(opsGlobal).byte(I32_CONST).s32(0).byte(I32_LT_S)
    out.byte(0x04).byte(VOID).byte(0x00).byte(0x0b)
  }
}

/** `ops -= 32 + count`, where `count` is the i32 on top of the stack and stays there. */
function writeLinearCharge(out: WasmWriter, opsGlobal: number, scratchLocal: number): void {
  out.byte(LOCAL_TEE).u32(scratchLocal)
  out.byte(GLOBAL_GET).u32(opsGlobal).byte(LOCAL_GET).u32(scratchLocal).byte(I32_SUB)
  out.byte(I32_CONST).s32(LINEAR_OP_BASE).byte(I32_SUB).byte(GLOBAL_SET).u32(opsGlobal)
}

/** Bytes of a value of each type, as NEAR's VM counts a frame. */
function sizeOfValue(type: number): number {
  switch (type) {
    case 0x7f: // i32
    case 0x7d: // f32
      return 4
    case 0x7b: // v128
      return 16
    default: // i64, f64, references
      return 8
  }
}

/** NEAR counts 64 bytes for a call and the size of every parameter and local. */
const CALL_BYTES = 64

/**
 * Rewrites one function body so that it counts the instructions it runs down in the global `opsGlobal`, a stretch of
 * straight-line code at a time, and traps when the count is below zero at the start of the function or of a loop round.
 * Entering the function costs as many instructions as its frame has words of 8 bytes.
 * @param body the body as in the code section, locals included, without its length
 */
export function meterFunction(body: Uint8Array, parameters: Uint8Array, opsGlobal: number): Uint8Array {
  const reader = new WasmReader(body)
  const groups = reader.u32()
  let locals = parameters.length
  let frame = parameters.reduce((bytes, type) => bytes + sizeOfValue(type), CALL_BYTES)
  const groupsStart = reader.offset
  for (let index = 0; index < groups; index++) {
    const count = reader.u32()
    locals += count
    frame += count * sizeOfValue(reader.byte())
  }
  const code = new WasmWriter(body.length * 2)
  let usesScratch = false
  let stretchStart = reader.offset
  let cost = Math.floor((frame + 7) / 8)
  let check = true
  const closeStretch = (end: number): void => {
    writeCharge(code, opsGlobal, cost, check)
    code.raw(body.subarray(stretchStart, end))
    stretchStart = end
    cost = 0
    check = false
  }
  const groupsBytes = body.subarray(groupsStart, reader.offset)
  while (!reader.done) {
    const start = reader.offset
    const { kind } = readInstruction(reader)
    switch (kind) {
      case 'plain':
        cost += 1
        break
      case 'free':
        break
      case 'boundary':
        cost += 1
        closeStretch(reader.offset)
        break
      case 'free boundary':
        closeStretch(reader.offset)
        break
      case 'loop':
        closeStretch(reader.offset)
        // A branch back comes to after the instruction, and every round is to pay for it.
        cost = 1
        check = true
        break
      case 'linear':
        closeStretch(start)
        usesScratch = true
        writeLinearCharge(code, opsGlobal, locals)
        closeStretch(reader.offset)
        break
      default:
        kind satisfies never
    }
  }
  closeStretch(reader.offset)
  const out = new WasmWriter(code.length + 16)
  out.u32(groups + (usesScratch ? 1 : 0)).raw(groupsBytes)
  if (usesScratch) out.u32(1).byte(I32)
  return out.raw(code.view()).view()
}
