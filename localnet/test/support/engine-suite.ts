import test, { type ExecutionContext } from 'ava'
import { bytesToKey, hashText, sha256, utf8 } from '../../src/primitives/bytes.ts'
import type { CallContext, CallOutcome } from '../../src/vm/call.ts'
import { openEngine, type Vm } from '../../src/vm/open-engine.ts'
import type { RunContract } from '../../src/vm/ports.ts'
import { compileContract } from '../../near-vm/test/support/contract.ts'
import { testWithNearVm } from './near-vm.ts'

const WASM = compileContract()
export const CODE = { wasm: WASM, hash: hashText(WASM) }
const KEPT = bytesToKey(utf8('kept'))

export const CONTEXT: CallContext = {
  currentAccountId: 'contract.near',
  signerAccountId: 'carol.near',
  signerAccountPk: Uint8Array.of(0, ...sha256(utf8('a key'))),
  predecessorAccountId: 'carol.near',
  refundToAccountId: 'carol.near',
  input: utf8('a value'),
  blockHeight: 5,
  blockTimestamp: 1_700_000_000_000_000_001n,
  epochHeight: 1,
  accountBalance: 10n ** 24n,
  lockedBalance: 0n,
  storageUsage: 1000,
  attachedDeposit: 0n,
  prepaidGas: 100e12,
  randomSeed: sha256(utf8('a seed')),
  codeHash: sha256(WASM),
  isView: false,
  promiseResults: [],
  outputReceivers: [],
  storage: new Map(),
}

/** What every engine of the localnet does. */
export function engineSuite(vm: Vm): void {
  const suite = vm === 'v8' ? test : testWithNearVm
  const should = (
    fact: string,
    body: (t: ExecutionContext, run: (method: string, context?: Partial<CallContext>) => CallOutcome) => void,
  ): void => {
    suite(`engine ${vm} - should ${fact}`, async (t) => {
      const engine: RunContract = openEngine(vm)
      try {
        body(t, (method, context) => engine.run(CODE, method, { ...CONTEXT, ...context }))
      } finally {
        await engine.close()
        await engine.close()
      }
    })
  }

  should('say what was returned, logged and changed', (t, run) => {
    const outcome = run('keep')
    t.is(outcome.failure, null)
    t.deepEqual(outcome.returned, { kind: 'value', bytes: utf8('a value') })
    t.deepEqual(outcome.logs, ['kept it'])
    t.deepEqual([...outcome.storage], [[KEPT, utf8('a value')]])
    t.is(outcome.storageUsage, 1000 + 40 + 4 + 7)
    t.true(outcome.burnt > 80e9 && outcome.burnt < 200e9)
  })

  should('see the storage it is given, and only that', (t, run) => {
    const storage = new Map([[KEPT, utf8('before')]])
    t.deepEqual([...run('forget', { storage }).storage], [[KEPT, null]])
    t.is(run('forget').storage.size, 0)
  })

  should('send receipts with what they wait for, and share the gas that is left by weight', (t, run) => {
    const { receipts, returned, balance, used } = run('send')
    t.deepEqual(
      receipts.map(({ receiverId, dependsOn, refundTo }) => [receiverId, dependsOn, refundTo]),
      [
        ['alice.near', [], null],
        ['bob.near', [0], 'dave.near'],
      ],
    )
    t.deepEqual(receipts[0]?.actions, [{ type: 'Transfer', deposit: 7n }])
    t.like(receipts[1]?.actions[0], { type: 'FunctionCall', methodName: 'hello', deposit: 0n })
    const [call, weighted] = (receipts[1]?.actions ?? []).map((action) => ('gas' in action ? action.gas : 0n))
    t.is(call, 5_000_000_000_000n)
    t.true((weighted ?? 0n) > 80_000_000_000_000n)
    t.is(used, 100e12)
    t.deepEqual(returned, { kind: 'receipt', index: 1 })
    t.is(balance, 10n ** 24n - 7n)
  })

  should('name why a call failed, in the words of a node', (t, run) => {
    const failed = (method: string, context?: Partial<CallContext>) => run(method, context).failure
    t.deepEqual(failed('fail'), {
      kind: 'execution',
      text: 'Smart contract panicked: CODE: a sentence',
      debug: 'HostError(GuestPanic { panic_msg: "CODE: a sentence" })',
    })
    t.deepEqual(failed('trap'), {
      kind: 'execution',
      text: 'WebAssembly trap: An `unreachable` opcode was executed.',
      debug: 'WasmTrap(Unreachable)',
    })
    t.like(failed('keep', { prepaidGas: 1e9 }), { text: 'Exceeded the prepaid gas.' })
    t.like(failed('keep', { isView: true }), { text: 'storage_write is not allowed in view calls' })
    t.deepEqual(failed('nothing'), { kind: 'method_not_found' })
    t.deepEqual(failed(''), { kind: 'method_empty_name' })
  })

  suite(`engine ${vm} - should refuse code that is none`, async (t) => {
    const engine = openEngine(vm)
    const wasm = utf8('no wasm')
    t.deepEqual(engine.run({ wasm, hash: hashText(wasm) }, 'keep', CONTEXT).failure, {
      kind: 'prepare',
      problem: 'Deserialization',
    })
    await engine.close()
  })
}
