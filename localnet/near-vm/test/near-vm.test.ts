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
  t.is((await vm.getStorage('contract.near')).size, 0)
  const starved = await vm.call({ ...call, method: 'keep', prepaidGas: 1e9 })
  t.is(starved.error?.message, 'Exceeded the prepaid gas.')
  const unknown = await vm.call({ ...call, method: 'nothing' })
  t.like(unknown.error, { kind: 'MethodResolveError', message: 'MethodNotFound' })
})

withVm('a view - should not write', async (t, vm, call) => {
  const outcome = await vm.call({ ...call, method: 'keep', view: true })
  t.is(outcome.error?.message, 'storage_write is not allowed in view calls')
})

withVm('held storage - should be pending until commit or rollback', async (t, vm, call) => {
  await vm.call({ ...call, method: 'keep' })
  await vm.commit('contract.near')
  t.deepEqual([...(await vm.call({ ...call, method: 'forget' })).changes], [[KEPT, null]])
  t.is((await vm.getStorage('contract.near')).size, 0)
  await vm.rollback('contract.near')
  t.deepEqual([...(await vm.getStorage('contract.near'))], [[KEPT, utf8('a value')]])
})

withVm('storage of a call - should be used in place of what is held, and not kept', async (t, vm, call) => {
  await vm.setStorage('contract.near', new Map([[KEPT, utf8('held')]]))
  const outcome = await vm.call({ ...call, method: 'keep', storage: new Map([[KEPT, utf8('a value')]]) })
  t.is(outcome.changes.size, 0)
  t.deepEqual([...(await vm.getStorage('contract.near'))], [[KEPT, utf8('held')]])
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
