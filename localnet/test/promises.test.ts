import anyTest, { type TestFn } from 'ava'
import { KeyPair } from 'near-api-js'
import { Actor, make, NEAR, TestWorld, text } from './support/actor.ts'
import { buildProbe } from './support/probe.ts'

const test = anyTest as TestFn<{ world: TestWorld; near: Actor; far: Actor; user: Actor }>

test.before(async (t) => {
  t.timeout(120_000)
  const world = await TestWorld.start()
  t.context.world = world
  t.context.near = await world.deploy('near')
  t.context.far = await world.deploy('far')
  t.context.user = await world.create('user')
})
test.after.always((t) => t.context.world?.chain.stop())

test.serial('promises - should call another contract and hand its result to the callback', async (t) => {
  const { near, far, user } = t.context
  const result = await user.call(near.id, 'ask', far.id, { waitUntil: 'FINAL' })
  t.is(text(result.status.SuccessValue), '5;')
  const executors = result.receipts_outcome.map(({ outcome }) => outcome.executor_id)
  t.true(executors.includes(far.id))
})

test.serial('promises - should tell the callback of a failure', async (t) => {
  const { near, far, user } = t.context
  const result = await user.call(near.id, 'ask_fail', far.id, { waitUntil: 'FINAL' })
  t.is(text(result.status.SuccessValue), 'failed;')
})

test.serial('promises - should wait for all that were joined', async (t) => {
  const { world, near, far, user } = t.context
  const before = Number(await world.view(far.id, 'count'))
  const result = await user.call(near.id, 'ask_both', far.id, { waitUntil: 'FINAL' })
  t.is(text(result.status.SuccessValue), `${before + 5};failed;`)
})

test.serial('promises - should tell of an account that is not there', async (t) => {
  const { near, user } = t.context
  const result = await user.call(near.id, 'ask', 'nobody.near', { waitUntil: 'FINAL' })
  t.is(text(result.status.SuccessValue), 'failed;')
})

test.serial('promises - should not be sent when the call fails', async (t) => {
  const { world, near, far, user } = t.context
  const before = await world.view(far.id, 'count')
  const result = await user.call(near.id, 'ask_then_fail', far.id, { waitUntil: 'FINAL' })
  t.truthy(result.status.Failure)
  t.is(await world.view(far.id, 'count'), before)
})

test.serial('promises - should not be sent when a later action of the same receipt fails', async (t) => {
  const { world, near, far, user } = t.context
  const before = await world.view(far.id, 'count')
  const ask = make.functionCall('ask', new TextEncoder().encode(far.id), 100n * 10n ** 12n, 0n)
  const fail = make.functionCall('fail', new Uint8Array(), 10n * 10n ** 12n, 0n)
  const result = await user.execute(near.id, [ask, fail], { waitUntil: 'FINAL' })
  t.is(result.status.Failure?.ActionError.index, 1)
  t.deepEqual(
    result.receipts_outcome.map(({ outcome }) => outcome.executor_id).filter((id) => id === far.id),
    [],
  )
  t.is(await world.view(far.id, 'count'), before)
})

test.serial('promises - should not be given more gas than was attached', async (t) => {
  const { near, far, user } = t.context
  // Two calls of 20 Tgas each.
  const result = await user.call(near.id, 'ask', far.id, { gas: 30n * 10n ** 12n, waitUntil: 'FINAL' })
  t.regex(JSON.stringify(result.status.Failure), /Exceeded the prepaid gas/)
})

test.serial('promises - should share the gas that is left by weight', async (t) => {
  const { near, far, user } = t.context
  const result = await user.call(near.id, 'ask_weighted', far.id, { waitUntil: 'FINAL' })
  const given = Number(text(result.status.SuccessValue))
  t.true(given > 95e12 && given < 100e12)
})

test.serial('promises - should pass a deposit on', async (t) => {
  const { world, near, user } = t.context
  const heir = await world.create('passed', 1n)
  const result = await user.call(near.id, 'forward', heir.id, { deposit: NEAR, waitUntil: 'FINAL' })
  t.is(result.status.SuccessValue, '')
  t.is((await world.account(heir.id)).amount, 2n * NEAR)
})

test.serial('promises - should give a deposit that nobody took back to the sender', async (t) => {
  const { world, near, user } = t.context
  const before = (await world.account(near.id)).amount
  const result = await user.call(near.id, 'forward', 'nobody.near', { deposit: NEAR, waitUntil: 'FINAL' })
  t.truthy(result.status.Failure)
  // The sender of the transfer is the contract.
  t.true((await world.account(near.id)).amount >= before + NEAR)
})

test.serial('promises - should not spend more than there is', async (t) => {
  const { near, far, user } = t.context
  const result = await user.call(near.id, 'overspend', far.id)
  t.regex(JSON.stringify(result.status.Failure), /Exceeded the account balance/)
})

test.serial('promises - should create an account with keys and a contract in one batch', async (t) => {
  const { world, near, user } = t.context
  const full = KeyPair.fromRandom('ed25519')
  const limited = KeyPair.fromRandom('ed25519')
  const borsh = (key: KeyPair): Uint8Array => Uint8Array.of(0, ...key.getPublicKey().data)
  const input = new Uint8Array(Buffer.concat([borsh(full), borsh(limited), buildProbe()]))
  const result = await user.call(near.id, 'spawn', input, { deposit: 5n * NEAR, waitUntil: 'FINAL' })
  t.is(result.status.SuccessValue, '')
  const child = `child.${near.id}`
  t.is(await world.view(child, 'get'), '{"Running":{"participants":[]}}')
  const { keys } = await world.query<{ keys: { public_key: string; access_key: { permission: unknown } }[] }>({
    request_type: 'view_access_key_list',
    account_id: child,
  })
  const permissions = new Map(keys.map(({ public_key: key, access_key: access }) => [key, access.permission]))
  t.is(permissions.get(full.getPublicKey().toString()), 'FullAccess')
  t.deepEqual(permissions.get(limited.getPublicKey().toString()), {
    FunctionCall: { allowance: null, method_names: ['get'], receiver_id: near.id },
  })
  const actor = new Actor(world.chain, child, full)
  await actor.call(child, 'drop_key', borsh(limited), { waitUntil: 'FINAL' })
  const left = await world.query<{ keys: unknown[] }>({ request_type: 'view_access_key_list', account_id: child })
  t.is(left.keys.length, 1)
  const gone = await actor.call(child, 'leave', user.id, { waitUntil: 'FINAL' })
  t.is(gone.status.SuccessValue, '')
  t.false(await world.exists(child))
})

test.serial('promises - should run a block later than what sent them', async (t) => {
  const { world, near, far, user } = t.context
  const result = await user.call(near.id, 'ask', far.id, { waitUntil: 'FINAL' })
  const heightOf = async (hash: string): Promise<number> => {
    const response = await fetch(world.chain.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'block', params: { block_id: hash } }),
    })
    const { result: block } = (await response.json()) as { result: { header: { height: number } } }
    return block.header.height
  }
  const sent = await heightOf(result.transaction_outcome.block_hash)
  const first = await heightOf(result.receipts_outcome[0]?.block_hash ?? '')
  const asked = result.receipts_outcome.find(({ outcome }) => outcome.executor_id === far.id)
  const second = await heightOf(asked?.block_hash ?? '')
  t.is(first, sent + 1)
  t.is(second, first + 1)
})
