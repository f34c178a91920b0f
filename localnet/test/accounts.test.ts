import anyTest, { type TestFn } from 'ava'
import { KeyPair } from 'near-api-js'
import { make, NEAR, TestWorld } from './support/actor.ts'

const test = anyTest as TestFn<{ world: TestWorld }>

test.before(async (t) => {
  t.timeout(120_000)
  t.context.world = await TestWorld.start()
})
test.after.always((t) => t.context.world?.chain.stop())

const kindOf = (failure: unknown): unknown =>
  (failure as { ActionError: { kind: unknown } } | undefined)?.ActionError.kind

test.serial('accounts - should pay for storage by the byte', async (t) => {
  const { world } = t.context
  const actor = await world.create('bytes')
  t.is((await world.account(actor.id)).storage, 182)
  const extra = KeyPair.fromRandom('ed25519').getPublicKey()
  await actor.execute(actor.id, [make.addFullAccessKey(extra)])
  t.is((await world.account(actor.id)).storage, 182 + 82)
  const limited = make.addFunctionCallAccessKey(KeyPair.fromRandom('ed25519').getPublicKey(), 'c.near', ['get'], NEAR)
  await actor.execute(actor.id, [limited])
  t.is((await world.account(actor.id)).storage, 182 + 82 + 33 + 40 + 9 + 17 + 10 + 11)
  await actor.execute(actor.id, [make.deleteKey(extra)])
  t.is((await world.account(actor.id)).storage, 182 + 33 + 40 + 9 + 17 + 10 + 11)
})

test.serial('accounts - should move what is sent and burn only the fees', async (t) => {
  const { world } = t.context
  const from = await world.create('from')
  const to = await world.create('to')
  const before = await world.account(from.id)
  const result = await from.execute(to.id, [make.transfer(3n * NEAR)], { waitUntil: 'FINAL' })
  const burnt = [result.transaction_outcome, ...result.receipts_outcome].reduce(
    (sum, { outcome }) => sum + BigInt(outcome.tokens_burnt),
    0n,
  )
  t.is((await world.account(from.id)).amount, before.amount - 3n * NEAR - burnt)
  t.is((await world.account(to.id)).amount, 23n * NEAR)
})

test.serial('accounts - should be made by their parent only, whole or not at all', async (t) => {
  const { world } = t.context
  const maker = await world.create('maker')
  const stranger = await maker.execute(`x.${world.root.id}`, [make.createAccount(), make.transfer(NEAR)])
  t.truthy((kindOf(stranger.status.Failure) as { CreateAccountNotAllowed?: object }).CreateAccountNotAllowed)
  const before = (await world.account(maker.id)).amount
  // The second action fails: no account, and the deposit comes back.
  const key = KeyPair.fromRandom('ed25519').getPublicKey()
  const child = `y.${maker.id}`
  const actions = [make.createAccount(), make.transfer(NEAR), make.addFullAccessKey(key), make.addFullAccessKey(key)]
  const failed = await maker.execute(child, actions, { waitUntil: 'FINAL' })
  t.is(failed.status.Failure?.ActionError.index, 3)
  t.false(await world.exists(child))
  t.true((await world.account(maker.id)).amount > before - NEAR / 100n)
})

test.serial('accounts - should be implicit in a key, created by the first transfer', async (t) => {
  const { world } = t.context
  const key = KeyPair.fromRandom('ed25519')
  const id = Buffer.from(key.getPublicKey().data).toString('hex')
  t.false(await world.exists(id))
  const paid = await world.root.execute(id, [make.transfer(NEAR)], { waitUntil: 'FINAL' })
  t.is(paid.status.SuccessValue, '')
  t.is((await world.account(id)).storage, 182)
  const view = await world.query<{ permission: unknown }>({
    request_type: 'view_access_key',
    account_id: id,
    public_key: key.getPublicKey().toString(),
  })
  t.is(view.permission, 'FullAccess')
})

test.serial('accounts - should leave everything to the beneficiary when deleted', async (t) => {
  const { world } = t.context
  const heir = await world.create('heir')
  const leaving = await world.create('leaving')
  const before = (await world.account(heir.id)).amount
  await leaving.execute(leaving.id, [make.deleteAccount(heir.id)], { waitUntil: 'FINAL' })
  t.false(await world.exists(leaving.id))
  const inherited = (await world.account(heir.id)).amount - before
  t.true(inherited > 19n * NEAR && inherited < 20n * NEAR)
})

test.serial('accounts - should sign with secp256k1 too', async (t) => {
  const { world } = t.context
  const actor = await world.create('secp', 20n, 'secp256k1')
  const result = await actor.execute(world.root.id, [make.transfer(1n)])
  t.is(result.status.SuccessValue, '')
  const other = KeyPair.fromRandom('secp256k1')
  const sent = await actor.send(world.root.id, [make.transfer(1n)], { key: other })
  t.false(sent.ok)
})

test.serial('keys - should take nonces that grow and none twice', async (t) => {
  const { world } = t.context
  const actor = await world.create('nonces')
  const first = await actor.sign(world.root.id, [make.transfer(1n)])
  const second = await actor.sign(world.root.id, [make.transfer(2n)])
  const send = async (signed: string): Promise<unknown> => {
    const response = await fetch(world.chain.rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'send_tx',
        params: { signed_tx_base64: signed, wait_until: 'EXECUTED_OPTIMISTIC' },
      }),
    })
    return response.json()
  }
  t.regex(JSON.stringify(await send(second)), /SuccessValue/)
  t.regex(JSON.stringify(await send(first)), /InvalidNonce/)
  // What was done is answered again, not done again.
  t.regex(JSON.stringify(await send(second)), /SuccessValue/)
})

test.serial('keys - should carry two transactions of one key in one block', async (t) => {
  const { world } = t.context
  const actor = await world.create('twice')
  const results = await Promise.all([
    actor.execute(world.root.id, [make.transfer(1n)]),
    actor.execute(world.root.id, [make.transfer(2n)]),
  ])
  t.true(results.every(({ status }) => status.SuccessValue === ''))
})

test.serial('keys - should pay gas out of their allowance and get refunds back into it', async (t) => {
  const { world } = t.context
  const contract = await world.deploy('allowing')
  const actor = await world.create('allowed')
  const key = KeyPair.fromRandom('ed25519')
  await actor.execute(actor.id, [make.addFunctionCallAccessKey(key.getPublicKey(), contract.id, ['bump'], NEAR)])
  const result = await actor.call(contract.id, 'bump', '{"by":1}', { key, waitUntil: 'FINAL' })
  t.truthy(result.status.SuccessValue)
  const burnt = [result.transaction_outcome, ...result.receipts_outcome].reduce(
    (sum, { outcome }) => sum + BigInt(outcome.tokens_burnt),
    0n,
  )
  const view = await world.query<{ permission: { FunctionCall: { allowance: string } } }>({
    request_type: 'view_access_key',
    account_id: actor.id,
    public_key: key.getPublicKey().toString(),
  })
  t.is(BigInt(view.permission.FunctionCall.allowance), NEAR - burnt)
})
