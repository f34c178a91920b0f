import anyTest, { type TestFn } from 'ava'
import { Account, JsonRpcProvider, KeyPair, KeyPairSigner, type KeyPairString } from 'near-api-js'
import {
  AccessKeyDoesNotExistError,
  AccountDoesNotExistError,
  ContractCodeDoesNotExistError,
  ContractExecutionError,
  ContractMethodNotFoundError,
  RpcError,
  UnknownBlockError,
} from 'near-api-js/rpc-errors'
import { NEAR, TestWorld, type Actor } from './support/actor.ts'

/** near-api-js, unchanged, against the chain: its own calls, and its own errors for what the chain refuses. */
const test = anyTest as TestFn<{ world: TestWorld; provider: JsonRpcProvider; root: Account; probe: Actor }>

test.before(async (t) => {
  t.timeout(120_000)
  const world = await TestWorld.start()
  const provider = new JsonRpcProvider({ url: world.chain.rpcUrl })
  const key = KeyPair.fromString(world.chain.root.secretKey as KeyPairString)
  const root = new Account(world.root.id, provider, new KeyPairSigner(key))
  t.context = { world, provider, root, probe: await world.deploy('probe') }
})
test.after.always((t) => t.context.world?.chain.stop())

test.serial('near-api-js - should create, pay, deploy, call and look', async (t) => {
  const { provider, root, probe } = t.context
  const key = KeyPair.fromRandom('ed25519')
  const id = `made.${root.accountId}`
  await root.createAccount({ newAccountId: id, publicKey: key.getPublicKey(), nearToTransfer: 5n * NEAR })
  const made = new Account(id, provider, new KeyPairSigner(key))
  t.is((await made.getState()).balance.total, 5n * NEAR)
  await root.transfer({ receiverId: id, amount: NEAR })
  t.is((await made.getState()).balance.total, 6n * NEAR)
  const limited = KeyPair.fromRandom('ed25519').getPublicKey()
  await made.addFunctionCallAccessKey({
    publicKey: limited,
    contractId: probe.id,
    methodNames: ['get'],
    allowance: NEAR,
  })
  t.is((await made.getAccessKeyList()).keys.length, 2)
  t.is(await made.callFunction({ contractId: probe.id, methodName: 'bump', args: { by: 3 } }), 3)
  t.deepEqual(await provider.callFunction({ contractId: probe.id, method: 'get', args: {} }), {
    Running: { participants: [] },
  })
  t.is((await provider.viewBlock({ finality: 'final' })).header.gas_price, '100000000')
})

test.serial('near-api-js - should raise its own errors', async (t) => {
  const { provider, root, probe } = t.context
  const view = (contractId: string, method: string): Promise<unknown> =>
    provider.callFunction({ contractId, method, args: {} })
  await t.throwsAsync(provider.viewAccount({ accountId: 'nobody.near' }), { instanceOf: AccountDoesNotExistError })
  await t.throwsAsync(
    provider.viewAccessKey({
      accountId: root.accountId,
      publicKey: KeyPair.fromRandom('ed25519').getPublicKey().toString(),
    }),
    { instanceOf: AccessKeyDoesNotExistError },
  )
  await t.throwsAsync(provider.viewBlock({ blockId: 99_999_999 }), { instanceOf: UnknownBlockError })
  await t.throwsAsync(view(root.accountId, 'get'), { instanceOf: ContractCodeDoesNotExistError })
  await t.throwsAsync(view(probe.id, 'nope'), { instanceOf: ContractMethodNotFoundError })
  await t.throwsAsync(view(probe.id, 'fail'), { instanceOf: RpcError, message: /GuestPanic/ })
  await t.throwsAsync(root.callFunction({ contractId: probe.id, methodName: 'fail', args: {} }), {
    instanceOf: ContractExecutionError,
    message: /CODE: nope/,
  })
})
