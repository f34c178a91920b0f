import { WasmReader, WasmWriter } from '@holdfast/localnet/vm/wasm-reader.ts'

/**
 * Host functions of NEAR's gas keys, which near/mpc's contract imports because its SDK offers them and calls nowhere in this
 * story, and ones of the same type that every node has.
 */
const STAND_INS = new Map([
  ['promise_batch_action_transfer_to_gas_key', 'promise_batch_action_stake'],
  ['promise_batch_action_add_gas_key_with_full_access', 'promise_batch_action_stake'],
  ['promise_batch_action_add_gas_key_with_function_call', 'promise_batch_action_add_key_with_function_call'],
])

const HEADER_LENGTH = 8
const IMPORT_SECTION = 2

/**
 * The same module for a NEAR node that does not have gas keys yet and refuses to link the real one: those imports have
 * another name, every other byte is the contract's own.
 */
export function withoutGasKeys(wasm: Uint8Array): Uint8Array {
  const adapted = new WasmWriter(wasm.length + 1024).raw(wasm.subarray(0, HEADER_LENGTH))
  const reader = new WasmReader(wasm, HEADER_LENGTH)
  while (!reader.done) {
    const id = reader.byte()
    const body = reader.slice(reader.u32())
    if (id === IMPORT_SECTION) adapted.section(id, renameImports(body))
    else adapted.byte(id).u32(body.length).raw(body)
  }
  return adapted.view()
}

/** Imports of functions only: that is all NEAR's contracts have. */
function renameImports(body: Uint8Array): WasmWriter {
  const reader = new WasmReader(body)
  const text = (): string => Buffer.from(reader.slice(reader.u32())).toString()
  const count = reader.u32()
  const renamed = new WasmWriter().u32(count)
  for (let index = 0; index < count; index++) {
    renamed.name(text())
    const name = text()
    renamed.name(STAND_INS.get(name) ?? name)
    renamed.byte(reader.byte()).u32(reader.u32())
  }
  return renamed
}
