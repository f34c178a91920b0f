import test, { type ExecutionContext } from 'ava'
import { bytesToKey, utf8 } from '../../src/primitives/bytes.ts'
import { NEAR_VM, NEAR_VM_CACHE } from '../build.ts'
import { NearVm } from '../client.ts'
import type { NearVmCall } from '../messages.ts'
import { testWithNearVm } from '../../test/support/near-vm.ts'
import { compileContract } from './support/contract.ts'

const KEPT = bytesToKey(utf8('kept'))
const WASM = compileContract()

/** A test of the program. */
function withVm(
  title: string,
  body: (t: ExecutionContext, vm: NearVm, call: Omit<NearVmCall, 'method'>) => Promise<void>,
) {
  testWithNearVm(title, async (t) => {
    const vm = new NearVm(NEAR_VM, NEAR_VM_CACHE)
    try {
      await body(t, vm, { ...CALL, codeHash: await vm.load(WASM) })
    } finally {
      await vm.close()
    }
  })
}

const CALL = {
  input: utf8('a value'),
  account: 'contract.near',
  predecessor: 'carol.near',
  signer: 'carol.near',
  signerPublicKey: 'ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp',
  deposit: 0n,
  prepaidGas: 100e12,
  blockHeight: 1,
  blockTimestamp: 1_700_000_000_000_000_001n,
  epochHeight: 1,
  balance: 10n ** 24n,
  lockedBalance: 0n,
  storageUsage: 1000,
  view: false,
  storage: new Map(),
}

withVm('a call - should say what was returned, logged and changed, and what it cost', async (t, vm, call) => {
  const outcome = await vm.call({ ...call, method: 'keep' })
  t.deepEqual(outcome.returned, { kind: 'value', value: utf8('a value') })
  t.deepEqual(outcome.logs, ['kept it'])
  t.deepEqual([...outcome.changes], [[KEPT, utf8('a value')]])
  // NEAR's accounting: 40 bytes a record, its key and its value
  t.is(outcome.storageUsage, 1000 + 40 + 4 + 7)
  t.is(outcome.error, null)
  const { wasm, host, actions } = outcome.profile
  const parts = [wasm, ...Object.values(host), ...Object.values(actions)]
  t.is(
    parts.reduce((sum, gas) => sum + gas, 0),
    outcome.burntGas,
  )
  t.is(host['storage_write_base'], 64_196_736_000)
})

withVm('receipts - should come with their actions, dependencies and the one returned', async (t, vm, call) => {
  const { receipts, returned, usedGas, burntGas } = await vm.call({ ...call, method: 'send' })
  t.deepEqual(receipts, [
    { receiver: 'alice.near', after: [], refundTo: null, actions: [{ kind: 'transfer', deposit: 7n }] },
    {
      receiver: 'bob.near',
      after: [0],
      refundTo: 'dave.near',
      actions: [
        { kind: 'function_call', method: 'hello', args: utf8('{}'), deposit: 0n, gas: 5e12, gasWeight: 0n },
        { kind: 'function_call', method: 'more', args: utf8('{}'), deposit: 0n, gas: 0, gasWeight: 1n },
      ],
    },
  ])
  t.deepEqual(returned, { kind: 'receipt', index: 1 })
  t.true(usedGas > burntGas + 5e12)
})

withVm('a failed call - should name why and change nothing', async (t, vm, call) => {
  const panicked = await vm.call({ ...call, method: 'fail' })
  t.deepEqual(panicked.error, {
    kind: 'ExecutionError',
    message: 'Smart contract panicked: CODE: a sentence',
    debug: 'HostError(GuestPanic { panic_msg: "CODE: a sentence" })',
  })
  t.is(panicked.changes.size, 0)
  const starved = await vm.call({ ...call, method: 'keep', prepaidGas: 1e9 })
  t.is(starved.error?.message, 'Exceeded the prepaid gas.')
  const unknown = await vm.call({ ...call, method: 'nothing' })
  t.like(unknown.error, { kind: 'MethodResolveError', message: 'MethodNotFound' })
})

withVm('a view - should not write', async (t, vm, call) => {
  const outcome = await vm.call({ ...call, method: 'keep', view: true })
  t.is(outcome.error?.message, 'storage_write is not allowed in view calls')
})

withVm('storage - should be what the call brings, and not be kept', async (t, vm, call) => {
  const storage = new Map([[KEPT, utf8('a value')]])
  t.is((await vm.call({ ...call, method: 'keep', storage })).changes.size, 0)
  t.deepEqual([...(await vm.call({ ...call, method: 'forget', storage })).changes], [[KEPT, null]])
  t.is((await vm.call({ ...call, method: 'forget' })).changes.size, 0)
})

withVm('a value that makes way - should cost by the byte, as on a node', async (t, vm, call) => {
  const evicted = async (bytes: number) => {
    const storage = new Map([[KEPT, new Uint8Array(bytes)]])
    return (await vm.call({ ...call, method: 'keep', storage })).profile.host['storage_write_evicted_byte']
  }
  t.is(await evicted(1000), 32_117_307_000)
  const removed = await vm.call({ ...call, method: 'forget', storage: new Map([[KEPT, new Uint8Array(10)]]) })
  t.is(removed.profile.host['storage_remove_ret_value_byte'], 115_315_560)
})

withVm('a request that cannot be carried out - should fail alone', async (t, vm, call) => {
  await t.throwsAsync(vm.call({ ...call, method: 'keep', codeHash: 'AAAA' }), { message: /no code with hash AAAA/ })
  await t.throwsAsync(vm.call({ ...call, method: 'keep', signer: 'NOBODY' }), {
    message: /signer is not an account id/,
  })
  t.is((await vm.call({ ...call, method: 'keep' })).error, null)
})

test('a program that ends - should fail every request', async (t) => {
  const vm = new NearVm('/bin/true', NEAR_VM_CACHE)
  await t.throwsAsync(vm.load(WASM), { message: /has ended/ })
  await t.throwsAsync(vm.load(WASM), { message: /has ended/ })
  const absent = new NearVm('/nonexistent/program', NEAR_VM_CACHE)
  await t.throwsAsync(absent.load(WASM), { message: /cannot start/ })
})
