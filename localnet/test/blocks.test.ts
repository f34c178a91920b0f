import anyTest, { type TestFn } from 'ava'
import { baseDecode } from 'near-api-js'
import { make, NEAR, TestWorld, text, type Actor } from './support/actor.ts'
import { rpc } from './support/rpc.ts'

type Block = { header: { hash: string; height: number; prev_hash: string; timestamp_nanosec: string } }

const test = anyTest as TestFn<{ world: TestWorld; probe: Actor }>

test.before(async (t) => {
  t.timeout(120_000)
  t.context.world = await TestWorld.start()
  t.context.probe = await t.context.world.deploy('probe')
})
test.after.always((t) => t.context.world?.chain.stop())

const block = (world: TestWorld, params: object): Promise<Block> => rpc(world.chain.rpcUrl, 'block', params)

test.serial('blocks - should follow one another in height, time and hash', async (t) => {
  const { world } = t.context
  const newest = await block(world, { finality: 'optimistic' })
  const before = await block(world, { block_id: newest.header.prev_hash })
  t.is(before.header.height, newest.header.height - 1)
  t.true(BigInt(before.header.timestamp_nanosec) < BigInt(newest.header.timestamp_nanosec))
})

test.serial('finality - should lag two blocks', async (t) => {
  const { world } = t.context
  const lags = new Set<number>()
  for (let round = 0; round < 20; round++) {
    const final = await block(world, { finality: 'final' })
    const newest = await block(world, { finality: 'optimistic' })
    lags.add(newest.header.height - final.header.height)
  }
  // The chain may have made a block between the two questions.
  t.true(lags.has(2) || lags.has(3), [...lags].join())
  t.false(
    [...lags].some((lag) => lag < 2 || lag > 5),
    [...lags].join(),
  )
})

test.serial('finality - should show a state of its own in queries', async (t) => {
  const { world, probe } = t.context
  const before = await world.view(probe.id, 'count', '', 'final')
  const result = await probe.call(probe.id, 'bump', '{"by":1}')
  const after = text(result.status.SuccessValue)
  t.is(await world.view(probe.id, 'count'), after)
  t.not(before, after)
  const deadline = Date.now() + 10_000
  while ((await world.view(probe.id, 'count', '', 'final')) !== after) t.true(Date.now() < deadline)
  const { hash } = (await block(world, { finality: 'final' })).header
  const old = await rpc<{ result: number[] }>(world.chain.rpcUrl, 'query', {
    request_type: 'call_function',
    account_id: probe.id,
    method_name: 'count',
    args_base64: '',
    block_id: hash,
  })
  t.is(Buffer.from(old.result).toString(), after)
})

test.serial('finality - should be what a sender waits for', async (t) => {
  const { world, probe } = t.context
  const reached: Record<string, string> = {}
  for (const wanted of ['INCLUDED', 'EXECUTED_OPTIMISTIC', 'INCLUDED_FINAL', 'EXECUTED', 'FINAL']) {
    const result = await world.root.execute(probe.id, [make.transfer(1n)], { waitUntil: wanted })
    reached[wanted] = result.final_execution_status
  }
  t.is(reached['INCLUDED'], 'INCLUDED')
  t.is(reached['EXECUTED_OPTIMISTIC'], 'EXECUTED_OPTIMISTIC')
  t.true(['INCLUDED_FINAL', 'EXECUTED', 'FINAL'].includes(reached['INCLUDED_FINAL'] ?? ''))
  t.true(['EXECUTED', 'FINAL'].includes(reached['EXECUTED'] ?? ''))
  t.is(reached['FINAL'], 'FINAL')
})

test.serial('fast-forward - should move height and time as far as that many blocks', async (t) => {
  const { world, probe } = t.context
  const height = Number(await world.view(probe.id, 'height'))
  const time = BigInt(await world.view(probe.id, 'time'))
  await world.chain.fastForward(1_000)
  const deadline = Date.now() + 20_000
  while (Number(await world.view(probe.id, 'height')) < height + 1_000) t.true(Date.now() < deadline)
  const passed = Number((BigInt(await world.view(probe.id, 'time')) - time) / 1_000_000n)
  t.true(passed >= 0.9 * 1_000 * world.chain.blockMs, `${passed} ms`)
  // The chain goes on: transactions are taken, and become final.
  const result = await world.root.execute(probe.id, [make.transfer(1n)], { waitUntil: 'FINAL' })
  t.is(result.status.SuccessValue, '')
})

test.serial('state - should take records from outside', async (t) => {
  const { world, probe } = t.context
  const state = Buffer.from('{"state":{"Running":{"participants":[]}},"n":77}').toString('base64')
  const record = { Data: { account_id: probe.id, data_key: Buffer.from('STATE').toString('base64'), value: state } }
  await rpc(world.chain.rpcUrl, 'sandbox_patch_state', { records: [record] })
  const deadline = Date.now() + 10_000
  while ((await world.view(probe.id, 'count')) !== '77') t.true(Date.now() < deadline)
  await probe.call(probe.id, 'bump', '{"by":1}')
  t.is(await world.view(probe.id, 'count'), '78')
})

test.serial('transactions - should be refused when they name no recent block', async (t) => {
  const { world } = t.context
  const sent = await world.root.send(world.root.id, [make.transfer(NEAR)], {
    blockHash: baseDecode('7nsuuitwS7xcdGnD9JgrE22cRB2vf2VS4yh1N9S71F4d'),
  })
  t.deepEqual(sent.ok ? null : sent.error.data, { TxExecutionError: { InvalidTxError: 'Expired' } })
})
