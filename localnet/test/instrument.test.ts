import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { CallContext, CallOutcome } from '../src/vm/call.ts'
import { prepareContract, runContract } from '../src/vm/run-contract.ts'

function assemble(source: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-wat-'))
  try {
    writeFileSync(join(directory, 'in.wat'), source)
    execFileSync('wasm-as', ['--all-features', join(directory, 'in.wat'), '-o', join(directory, 'out.wasm')])
    return new Uint8Array(readFileSync(join(directory, 'out.wasm')))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const CONTEXT: CallContext = {
  currentAccountId: 'c.near',
  signerAccountId: 'a.near',
  signerAccountPk: new Uint8Array(33),
  predecessorAccountId: 'a.near',
  refundToAccountId: 'a.near',
  input: new Uint8Array(),
  blockHeight: 5,
  blockTimestamp: 5n,
  epochHeight: 1,
  accountBalance: 0n,
  lockedBalance: 0n,
  storageUsage: 100,
  attachedDeposit: 0n,
  prepaidGas: 300_000_000_000_000,
  randomSeed: new Uint8Array(32),
  codeHash: null,
  isView: false,
  promiseResults: [],
  outputReceivers: [],
  storage: new Map(),
}

const run = (source: string, context: Partial<CallContext> = {}): CallOutcome =>
  runContract(prepareContract(assemble(source)), 'main', { ...CONTEXT, ...context })

/** Instructions charged, the frame of the function included. */
const instructions = (outcome: CallOutcome): number => (outcome.hostProfile.get('WASM_INSTRUCTION') ?? 0) / 822_756

const counted: readonly (readonly [string, string, number])[] = [
  // An empty frame is 64 bytes: eight words.
  ['the frame of a function', '(func (export "main") (nop))', 8 + 1],
  ['locals by the word', '(func (export "main") (local i64 i32) (nop))', 10 + 1],
  ['every instruction', '(func (export "main") (drop (i32.add (i32.const 1) (i32.const 2))))', 8 + 4],
  ['no block and no end', '(func (export "main") (block (block (nop))))', 8 + 1],
  ['only the branch taken', '(func (export "main") (if (i32.const 0) (then (nop) (nop)) (else (nop))))', 8 + 3],
  [
    'every round of a loop',
    `(func (export "main") (local $i i32)
       (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 5)))))`,
    9 + 5 * 9,
  ],
  ['a call and its frame', '(func $f (param i64) (nop)) (func (export "main") (call $f (i64.const 1)))', 8 + 2 + 9 + 1],
  [
    'bulk memory by the byte',
    '(memory 1) (func (export "main") (memory.fill (i32.const 0) (i32.const 7) (i32.const 100)))',
    8 + 3 + 32 + 100,
  ],
]
for (const [what, code, expected] of counted) {
  test(`metering - should count ${what}`, (t) => {
    const outcome = run(`(module ${code})`)
    t.is(outcome.failure, null)
    t.is(instructions(outcome), expected)
  })
}

test('metering - should stop a loop at the gas attached, and charge exactly that', (t) => {
  const outcome = run('(module (func (export "main") (loop $l (br $l))))', { prepaidGas: 1_000_000_000 })
  t.is(outcome.burnt, 1_000_000_000)
  t.deepEqual(outcome.failure, {
    kind: 'execution',
    text: 'Exceeded the prepaid gas.',
    debug: 'HostError(GasExceeded)',
  })
})

test('metering - should charge a host function what is left, not more', (t) => {
  const source = '(module (import "env" "block_index" (func $b (result i64))) (func (export "main") (drop (call $b))))'
  const outcome = run(source, { prepaidGas: 300_000_000 })
  t.is(outcome.burnt, 300_000_000)
  t.true((outcome.hostProfile.get('BASE') ?? 0) < 264_768_111)
})

test('metering - should run the start function within the call and on its account', (t) => {
  const source = `(module (global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 1))) (start $s)
    (func (export "main") (if (i32.eqz (global.get $g)) (then (unreachable)))))`
  const outcome = run(source)
  t.is(outcome.failure, null)
  t.is(instructions(outcome), 8 + 2 + 8 + 3)
})

const traps: readonly (readonly [string, string, string])[] = [
  ['unreachable', '(func (export "main") (unreachable))', 'WasmTrap(Unreachable)'],
  [
    'remainder',
    '(func (export "main") (local $z i32) (drop (i32.rem_s (i32.const 1) (local.get $z))))',
    'WasmTrap(IllegalArithmetic)',
  ],
  [
    'a float too large',
    '(func (export "main") (local $x f64) (local.set $x (f64.const 1e300)) (drop (i32.trunc_f64_s (local.get $x))))',
    'WasmTrap(IllegalArithmetic)',
  ],
  [
    'a call beyond the table',
    '(type $t (func)) (table 1 funcref) (func (export "main") (call_indirect (type $t) (i32.const 7)))',
    'WasmTrap(CallIndirectOOB)',
  ],
  [
    'a call of another type',
    `(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (param i32) (nop))
     (func (export "main") (call_indirect (type $t) (i32.const 0)))`,
    'WasmTrap(IncorrectCallIndirectSignature)',
  ],
  ['memory', '(memory 1) (func (export "main") (drop (i32.load (i32.const -4))))', 'WasmTrap(MemoryOutOfBounds)'],
]
for (const [what, code, debug] of traps) {
  test(`traps - should be named: ${what}`, (t) => {
    const { failure } = run(`(module ${code})`)
    t.is(failure?.kind === 'execution' ? failure.debug : failure?.kind, debug)
  })
}

test('instances - should be fresh for every call', (t) => {
  const contract = prepareContract(
    assemble(`(module (memory 1) (func (export "main")
      (if (i32.load (i32.const 0)) (then (unreachable))) (i32.store (i32.const 0) (i32.const 1))))`),
  )
  t.is(runContract(contract, 'main', CONTEXT).failure, null)
  t.is(runContract(contract, 'main', CONTEXT).failure, null)
})

const refused: readonly (readonly [string, string, unknown])[] = [
  ['a foreign import', '(module (import "wasi" "x" (func)) (func (export "main")))', 'Instantiate'],
  ['an imported memory', '(module (import "env" "memory" (memory 1)) (func (export "main")))', 'Memory'],
]
for (const [what, source, problem] of refused) {
  test(`preparing - should refuse ${what}`, (t) => {
    t.deepEqual(run(source).failure, { kind: 'prepare', problem })
  })
}

test('preparing - should refuse bytes cut anywhere', (t) => {
  const wasm = assemble('(module (memory 1) (func (export "main") (nop)))')
  for (let length = 0; length < wasm.length; length++) {
    const contract = prepareContract(wasm.subarray(0, length))
    // A cut between two sections leaves a module, without what came after.
    if (contract.kind === 'ready') t.false(contract.methods.has('main'), String(length))
    else t.deepEqual(contract.failure, { kind: 'prepare', problem: 'Deserialization' }, String(length))
  }
})

test('preparing - should refuse a host function that NEAR does not have', (t) => {
  t.is(run('(module (import "env" "teleport" (func)) (func (export "main")))').failure?.kind, 'link')
})

test('methods - should be exported functions without parameters', (t) => {
  const contract = prepareContract(assemble('(module (memory (export "mem") 1) (func (export "add") (param i32)))'))
  t.is(runContract(contract, 'add', CONTEXT).failure?.kind, 'method_invalid_signature')
  t.is(runContract(contract, 'mem', CONTEXT).failure?.kind, 'method_not_found')
  t.is(runContract(contract, '', CONTEXT).failure?.kind, 'method_empty_name')
})
