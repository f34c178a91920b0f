import test, { type ExecutionContext } from 'ava'
import { createContractReader, type ContractReaderOptions } from '../src/contract-reader.ts'
import { parseJson, type Json } from '../src/json.ts'
import type { EndpointEvent, ReadContract } from '../src/rpc/ports.ts'
import { serveChain, type FakeChain, type Fault } from './support/fake-chain.ts'
import { startFakeRpc, type FakeRpc } from './support/fake-rpc.ts'
import { readVectors } from './support/vectors.ts'

type Case = { case: string; return_text: string | null }
const { cases } = readVectors<{ cases: Case[] }>('near-mpc-contract.json')
const RUNNING = parseJson(
  cases.find((c) => c.case === 'state: Running with three keys')?.return_text ?? '',
  'state',
) as {
  Running: { keyset: Json }
}

function stateAt(epoch: number): Json {
  return { Running: { ...RUNNING.Running, keyset: { epoch_id: epoch, domains: [] } } }
}

type World = {
  chain: FakeChain
  rpcs: FakeRpc[]
  reader: ReadContract
  events: EndpointEvent[]
  read: () => Promise<bigint>
}

/** A reader over fake endpoints, one per fault; `read` gives the epoch of the state it saw. */
async function world(
  t: ExecutionContext,
  faults: Fault[],
  options: Partial<ContractReaderOptions> = {},
): Promise<World> {
  const chain: FakeChain = {
    height: 100,
    startMs: Date.now() - 100 * 600,
    view: (method, height) => (method === 'state' ? stateAt(height) : {}),
  }
  const rpcs = await Promise.all(faults.map((fault) => startFakeRpc(t, serveChain(chain, fault))))
  const events: EndpointEvent[] = []
  const reader = createContractReader({
    endpoints: rpcs.map(({ url }) => url),
    contractId: 'mpc.near',
    quorum: 2,
    requestTimeoutMs: 1000,
    onEndpoint: (event) => events.push(event),
    ...options,
  })
  t.teardown(() => reader.close())
  const read = async () => {
    const { state } = await reader.readView(signal())
    return state.kind === 'Running' ? state.state.keyset.epoch_id : -1n
  }
  return { chain, rpcs, reader, events, read }
}

function signal(): AbortSignal {
  return AbortSignal.timeout(10_000)
}

test('a view - should be the newest block that a quorum has, and the same object until there is a newer one', async (t) => {
  const { chain, reader, rpcs, events } = await world(t, [{}, {}, {}])
  const view = await reader.readView(signal())
  t.deepEqual(view.block, { height: 100n, hash: 'hash100', timestampMs: chain.startMs + 60_000 })
  t.deepEqual(view.stateJson, stateAt(100))
  const before = rpcs.map(({ requests }) => requests.length)
  t.is(await reader.readView(signal()), view)
  for (const [index, { requests }] of rpcs.entries()) {
    t.deepEqual(requests.slice(before[index]), [
      { jsonrpc: '2.0', method: 'block', params: { finality: 'final' } },
    ] as never)
  }
  chain.height = 101
  const next = await reader.readView(signal())
  t.is(next.block.height, 101n)
  t.deepEqual(events, [])
})

test('views - should come over kept-alive connections', async (t) => {
  const { chain, read, rpcs } = await world(t, [{}, {}])
  for (let height = 101; height < 110; height++) {
    chain.height = height
    t.is(await read(), BigInt(height))
  }
  for (const { connections } of rpcs) t.true(connections <= 2, `${connections} connections`)
})

test('one endpoint that forges the state - should be overruled and named', async (t) => {
  const { read, events, rpcs, chain } = await world(t, [{}, { forgeView: () => stateAt(666) }, {}])
  for (chain.height = 101; chain.height < 105; chain.height++) t.is(await read(), BigInt(chain.height))
  t.deepEqual(
    events.map(({ endpoint, kind }) => [endpoint, kind]),
    [[rpcs[1]?.name, 'lied']],
  )
})

test('one endpoint that forges the age of a block - should be overruled and named', async (t) => {
  const { read, events, rpcs, chain } = await world(t, [
    { behind: 1 },
    { forgeBlock: (b) => ({ ...b, timestampMs: b.timestampMs + 1e6 }) },
    {},
  ])
  for (chain.height = 101; chain.height < 104; chain.height++) {
    const epoch = await read()
    t.true(epoch === BigInt(chain.height) || epoch === BigInt(chain.height - 1))
  }
  t.true(events.some(({ endpoint, kind }) => endpoint === rpcs[1]?.name && kind === 'lied'))
})

test('one endpoint that names a block of its own - should be overruled', async (t) => {
  const { read } = await world(t, [{ forgeBlock: (b) => ({ ...b, hash: 'hash99' }) }, {}, {}])
  t.is(await read(), 100n)
})

test('one endpoint that claims a far later block - should be overruled', async (t) => {
  const { read } = await world(t, [{ forgeBlock: (b) => ({ ...b, height: 10 ** 9, hash: 'hash1000000000' }) }, {}, {}])
  t.is(await read(), 100n)
})

test('an endpoint that lags - should not hold back a healthy quorum, and is named', async (t) => {
  const { read, events, rpcs } = await world(t, [{ behind: 50 }, { delayMs: 100 }, {}])
  t.is(await read(), 100n)
  t.like(events, [{ endpoint: rpcs[0]?.name, kind: 'lagging', detail: 'its final block is 50 blocks behind' }])
})

test('an endpoint that recovers - should be told of once', async (t) => {
  const fault: Fault = { down: { status: 503 } }
  const { read, events, chain } = await world(t, [{}, {}, fault])
  await read()
  await read()
  delete fault.down
  for (chain.height = 101; chain.height < 104; chain.height++) await read()
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['unreachable', 'recovered'],
  )
})

test('an endpoint that hangs - should cost a healthy quorum one short wait, not its deadline', async (t) => {
  // Who waits for its answer is aborted first.
  const { read, chain } = await world(t, [{ down: 'hang' }, {}, {}], { requestTimeoutMs: 600_000 })
  t.is(await read(), 100n)
  chain.height = 101
  t.is(await read(), 101n)
})

test('too few endpoints - should be unavailable, naming hosts only', async (t) => {
  const { reader, rpcs } = await world(t, [{ down: 'reset' }, {}, { down: { status: 429 } }])
  const error = await t.throwsAsync(reader.readView(signal()), {
    code: 'RPC_UNAVAILABLE',
    message: /1 of 3 .* at least 2/,
  })
  t.true(error.message.includes(rpcs[0]?.name ?? '-'))
  t.true(error.message.includes('HTTP status 429'))
  t.false(error.message.includes('secret-api-key'))
})

test('two endpoints that contradict each other - should be refused, naming both', async (t) => {
  const { reader, rpcs } = await world(t, [{}, { forgeView: () => stateAt(666) }])
  const error = await t.throwsAsync(reader.readView(signal()), { code: 'VIEW_DISAGREED' })
  for (const { name } of rpcs) t.true(error.message.includes(name))
  t.false(error.message.includes('secret-api-key'))
})

test('two endpoints on different forks - should be refused', async (t) => {
  const { reader } = await world(t, [{}, { forgeBlock: (b) => ({ ...b, hash: 'fork' }) }])
  await t.throwsAsync(reader.readView(signal()), { code: 'VIEW_DISAGREED' })
})

test('a view - should never go back in height', async (t) => {
  const behind: Fault = { behind: 0 }
  const { reader, read } = await world(t, [{}, behind, behind])
  const view = await reader.readView(signal())
  behind.behind = 5
  t.is(await reader.readView(signal()), view)
  t.is(await read(), 100n)
})

test('a view method - should be answered at the block last acted on when endpoints fall back', async (t) => {
  const behind: Fault = { behind: 0 }
  const { reader, chain } = await world(t, [{}, {}, behind])
  chain.view = (method, height) => ({ method, height })
  t.deepEqual(await reader.viewMethod('config', { x: 2n ** 63n }, signal()), { method: 'config', height: 100 })
  behind.behind = 3
  t.deepEqual(await reader.viewMethod('config', {}, signal()), { method: 'config', height: 100 })
})

const stale = test.macro(async (t, ageMs: number, message: RegExp) => {
  const { chain, reader } = await world(t, [{}, {}], { maxViewAgeMs: 10_000 })
  await reader.readView(signal())
  chain.startMs -= ageMs
  chain.height = 101
  await t.throwsAsync(reader.readView(signal()), { code: 'VIEW_STALE', message })
})
test('an agreed view that is too old - should be refused', stale, 60_000, /(59|60) s old, expected at most 10 s/)
test('an agreed view from the future - should be refused', stale, -60_000, /6[01] s in the future/)

test('a cached view - should grow stale with time', async (t) => {
  let now = Date.now()
  const { reader } = await world(t, [{}, {}], { maxViewAgeMs: 10_000, now: () => now })
  await reader.readView(signal())
  now += 11_000
  await t.throwsAsync(reader.readView(signal()), { code: 'VIEW_STALE' })
})

test('an authorization - should be read, and null where there is none', async (t) => {
  const key = 'ed25519:37xV7tsz2qozLebSXwiQeAhqkjUF5anPtzRe52n9u8F1'
  const { chain, reader } = await world(t, [{}, {}])
  chain.view = () => null
  t.is(await reader.readAuthorization('op.near', signal()), null)
  chain.view = () => ({ tls_public_key: key, signer_account_pk: key, expires_at: '18446744073709551615' })
  t.is((await reader.readAuthorization('op.near', signal()))?.expires_at, 2n ** 64n - 1n)
})

const refusal = test.macro(async (t, reply: (hash: Json) => Json, expected: { code: string; message: RegExp }) => {
  const { rpcs, reader } = await world(t, [{}, {}])
  for (const rpc of rpcs) {
    const { answer } = rpc
    rpc.answer = (request) =>
      request.method === 'query' ? (reply(request.params.block_id ?? '') as never) : answer(request)
  }
  await t.throwsAsync(reader.readView(signal()), expected)
})
const wasmError = (error: string) => (hash: Json) => ({
  result: { block_hash: hash, block_height: 100, error, logs: [] },
})
test(
  'a contract that is not deployed - should be unreadable',
  refusal,
  wasmError('wasm execution failed with error: CompilationError(CodeDoesNotExist { account_id: "mpc.near" })'),
  { code: 'CONTRACT_UNREADABLE', message: /state of mpc\.near: there is no contract on the account mpc\.near;/ },
)
test(
  "near/mpc's contract before its init - should be named as not initialised",
  refusal,
  wasmError('wasm execution failed with error: HostError(GuestPanic { panic_msg: "Calling default not allowed." })'),
  { code: 'CONTRACT_UNREADABLE', message: /state of mpc\.near: the contract on mpc\.near is not initialised;/ },
)
test(
  'a view that panics - should tell the code and the sentence',
  refusal,
  wasmError(
    'wasm execution failed with error: HostError(GuestPanic { panic_msg: "NOT_INITIALIZED: call init first\\n    at fail (x.js:1)\\n" })',
  ),
  { code: 'CONTRACT_REFUSED', message: /^the contract refused state: NOT_INITIALIZED: call init first$/ },
)
test(
  'an account that does not exist - should be unreadable',
  refusal,
  () => ({ error: { cause: { name: 'UNKNOWN_ACCOUNT' }, data: 'account mpc.near does not exist while viewing' } }),
  { code: 'CONTRACT_UNREADABLE', message: /does not exist/ },
)
test('a node that answers nonsense - should be unavailable', refusal, () => ({ result: { result: 'x' } }), {
  code: 'RPC_UNAVAILABLE',
  message: /with something else/,
})

test('a read - should stop waiting when its signal aborts', async (t) => {
  const { reader } = await world(t, [{ down: 'hang' }, { down: 'hang' }])
  const reason = new Error('stopping')
  const controller = new AbortController()
  const reading = reader.readView(controller.signal)
  setTimeout(() => controller.abort(reason), 20)
  await t.throwsAsync(reading, { is: reason })
  await t.throwsAsync(reader.readView(AbortSignal.abort(reason)), { is: reason })
})

test('an impossible quorum - should be refused', (t) => {
  const options = { contractId: 'mpc.near', endpoints: ['http://a', 'http://b'] }
  for (const quorum of [0, 1, 3, 1.5])
    t.throws(() => createContractReader({ ...options, quorum }), { code: 'INVALID_QUORUM' })
  t.throws(() => createContractReader({ ...options, endpoints: ['http://a', 'http://a'], quorum: 2 }), {
    message: /vote twice/,
  })
  const error = t.throws(() => createContractReader({ ...options, endpoints: ['ftp://key@a'], quorum: 1 }), {
    code: 'INVALID_ENDPOINT',
  })
  t.false(error.message.includes('key@'))
})

test('a block refused for its time - should not hold back the true one once its endpoint is well again', async (t) => {
  const fault: Fault = { forgeBlock: () => ({ height: 10 ** 9, hash: 'hash100', timestampMs: Date.now() + 10 ** 9 }) }
  const { read } = await world(t, [fault], { quorum: 1 })
  await t.throwsAsync(read(), { code: 'VIEW_STALE', message: /in the future/ })
  delete fault.forgeBlock
  t.is(await read(), 100n)
})
