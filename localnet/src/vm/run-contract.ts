import type { CallContext, CallOutcome } from './call.ts'
import { HostError, memoryAccessViolation, type VmFailure } from './errors.ts'
import { shareUnusedGas } from './gas-weights.ts'
import { hostFunctions } from './host/all.ts'
import { Host } from './host/host.ts'
import { instrument, MEMORY_EXPORT, OPS_EXPORT, START_EXPORT, WasmImportError } from './instrument.ts'
import { WasmFormatError } from './wasm-reader.ts'

type ReadyContract = {
  readonly kind: 'ready'
  readonly module: WebAssembly.Module
  readonly size: number
  readonly methods: ReadonlySet<string>
}

/** A contract made ready once and instantiated anew for every call. */
export type PreparedContract = ReadyContract | { readonly kind: 'refused'; readonly failure: VmFailure }

/** Instruments and compiles a contract; a contract that NEAR would refuse is refused here, at its first call. */
export function prepareContract(wasm: Uint8Array): PreparedContract {
  try {
    const module = new WebAssembly.Module(instrument(wasm))
    const methods = WebAssembly.Module.exports(module)
      .filter(({ kind, name }) => kind === 'function' && name !== START_EXPORT)
      .map(({ name }) => name)
    return { kind: 'ready', module, size: wasm.length, methods: new Set(methods) }
  } catch (error) {
    if (error instanceof WasmImportError)
      return { kind: 'refused', failure: { kind: 'prepare', problem: error.problem } }
    if (error instanceof WasmFormatError || error instanceof WebAssembly.CompileError)
      return { kind: 'refused', failure: { kind: 'prepare', problem: 'Deserialization' } }
    throw error
  }
}

/** V8's words for a trap, and the node's: as a transaction's outcome and as a view's error show it. The first that fits. */
const TRAPS: readonly (readonly [RegExp, string, string])[] = [
  [/^unreachable/, 'An `unreachable` opcode was executed.', 'Unreachable'],
  [/table index is out of bounds/, 'Call indirect out of bounds trap.', 'CallIndirectOOB'],
  // V8 does not tell an empty table entry from one of another type.
  [/function signature mismatch/, 'Call indirect incorrect signature trap.', 'IncorrectCallIndirectSignature'],
  [/out of bounds/, 'Memory out of bounds trap.', 'MemoryOutOfBounds'],
  [/^divide|^remainder|unrepresentable/, 'An arithmetic exception, e.g. divided by zero.', 'IllegalArithmetic'],
]

function trap(text: string, debug: string): VmFailure {
  return { kind: 'execution', text: `WebAssembly trap: ${text}`, debug: `WasmTrap(${debug})` }
}

/** Turns what came out of V8 into the node's reason; anything that is not the contract's doing is thrown on. */
function failureOf(error: unknown): VmFailure {
  if (error instanceof HostError) return error.failure
  if (error instanceof WebAssembly.RuntimeError) {
    const found = TRAPS.find(([pattern]) => pattern.test(error.message))
    return found === undefined ? trap('Generic trap.', 'GenericTrap') : trap(found[1], found[2])
  }
  // V8's own stack ends the call here; the node counts frames, and says this when they are too many.
  if (error instanceof RangeError && /call stack/.test(error.message)) return memoryAccessViolation().failure
  if (error instanceof WebAssembly.LinkError) return { kind: 'link', message: error.message }
  throw error
}

/** Charges what ran before the call stopped; the gas error if that was more than there was. */
function overdrawn(host: Host): unknown {
  try {
    host.gas.settle()
    return null
  } catch (error) {
    return error
  }
}

function outcome(host: Host, failure: VmFailure | null): CallOutcome {
  return {
    failure,
    burnt: host.gas.burnt,
    used: host.gas.used,
    logs: host.logs,
    actionProfile: host.gas.actionProfile,
    hostProfile: host.gas.hostProfile,
    returned: host.returned,
    balance: host.balance,
    storageUsage: host.storageUsage,
    storage: host.storage,
    receipts: host.receipts,
  }
}

function execute(host: Host, { module, size }: ReadyContract, method: string): VmFailure | null {
  const instance = new WebAssembly.Instance(module, { env: hostFunctions(host) })
  const { exports } = instance
  const run = exports[method] as () => unknown
  // As a method that is not there, it costs nothing: the code is not loaded.
  if (run.length !== 0) return { kind: 'method_invalid_signature' }
  host.gas.pay('contract_loading_bytes', size)
  host.gas.pay('contract_loading_base')
  host.memory.attach(exports[MEMORY_EXPORT] as WebAssembly.Memory)
  host.gas.attach(exports[OPS_EXPORT] as WebAssembly.NumberGlobal)
  const start = exports[START_EXPORT] as (() => void) | undefined
  start?.()
  run()
  host.gas.settle()
  host.gas.prepay(Number(shareUnusedGas(host.weights, BigInt(host.gas.unused))))
  return null
}

/**
 * Runs one exported method of a contract in a fresh instance. Never throws for what a contract does.
 * @returns the outcome; with a failure set, only its gas, logs and profile may be applied
 */
export function runContract(contract: PreparedContract, method: string, context: CallContext): CallOutcome {
  const host = new Host(context)
  if (method === '') return outcome(host, { kind: 'method_empty_name' })
  if (contract.kind === 'refused') return outcome(host, contract.failure)
  if (!contract.methods.has(method)) return outcome(host, { kind: 'method_not_found' })
  try {
    return outcome(host, execute(host, contract, method))
  } catch (error) {
    return outcome(host, failureOf(overdrawn(host) ?? error))
  }
}
