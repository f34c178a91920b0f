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

/**
 * Rewrites one function body so that it counts the instructions it runs down in the global `opsGlobal`, a stretch of
 * straight-line code at a time, and traps when the count is below zero at the start of the function or of a loop round.
 * @param body the body as in the code section, locals included, without its length
 */
export function meterFunction(body: Uint8Array, parameterCount: number, opsGlobal: number): Uint8Array {
  const reader = new WasmReader(body)
  const groups = reader.u32()
  let locals = parameterCount
  const groupsStart = reader.offset
  for (let index = 0; index < groups; index++) {
    locals += reader.u32()
    reader.byte()
  }
  const code = new WasmWriter(body.length * 2)
  let usesScratch = false
  let stretchStart = reader.offset
  let cost = 0
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
        cost += 1
        closeStretch(reader.offset)
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
