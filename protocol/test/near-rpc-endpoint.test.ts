import test from 'ava'
import { createRpcEndpoint } from '../src/rpc/near-rpc-endpoint.ts'
import type { RpcError } from '../src/rpc/rpc-error.ts'
import { startFakeRpc, type RpcReply } from './support/fake-rpc.ts'
import { readVectors } from './support/vectors.ts'

test('an endpoint - should give the result without losing a digit and keep its connection', async (t) => {
  const rpc = await startFakeRpc(t, ({ params }) => ({ result: params }))
  const endpoint = createRpcEndpoint(rpc.url, 5000)
  t.teardown(() => endpoint.close())
  for (let i = 0; i < 5; i++) {
    t.deepEqual(await endpoint.call('echo', { n: 2n ** 64n - 1n }, undefined), { n: 2n ** 64n - 1n })
  }
  t.is(rpc.connections, 1)
  t.is(endpoint.name, rpc.name)
})

const unavailable = test.macro(async (t, reply: RpcReply, message: RegExp) => {
  const rpc = await startFakeRpc(t, () => reply)
  const endpoint = createRpcEndpoint(rpc.url, reply === 'hang' ? 150 : 5000)
  t.teardown(() => endpoint.close())
  const error = await t.throwsAsync(endpoint.call('block', {}, undefined), { code: 'RPC_UNAVAILABLE', message })
  t.true(error.message.includes(rpc.name))
  t.false(`${error.message}${error.stack}`.includes('secret-api-key'))
})
test('an endpoint that hangs - should be given up', unavailable, 'hang', /block took longer than 150 ms/)
test('an endpoint that resets - should be unavailable', unavailable, 'reset', /socket hang up|ECONNRESET/)
test('an endpoint that limits rates - should be unavailable', unavailable, { status: 429 }, /HTTP status 429/)
test('an endpoint that is overloaded - should be unavailable', unavailable, { status: 503 }, /HTTP status 503/)
test('an endpoint that gave up waiting - should be unavailable', unavailable, { status: 408 }, /HTTP status 408/)
test('an endpoint that answers HTML - should be unavailable', unavailable, { status: 200, text: '<html>' }, /not JSON/)
test(
  'an endpoint that answers without a result - should be unavailable',
  unavailable,
  { status: 200, text: '{}' },
  /no result/,
)

type Recorded = { case: string; response?: { error?: { cause: { name: string } } } }
const errors = Object.values(readVectors<Recorded[]>('near-rpc-node.json')).filter(
  (c) => c.response?.error !== undefined,
)

test('every error that a real node was seen to answer - should be known by the name of its cause', async (t) => {
  t.true(errors.length > 20)
  let reply: RpcReply = 'hang'
  const rpc = await startFakeRpc(t, () => reply)
  const endpoint = createRpcEndpoint(rpc.url, 5000)
  t.teardown(() => endpoint.close())
  for (const { case: name, response } of errors) {
    reply = { error: response?.error as never }
    const error = await t.throwsAsync<RpcError>(endpoint.call('m', {}, undefined), { code: 'RPC_ERROR' }, name)
    t.is(error.causeName, response?.error?.cause.name ?? '', name)
  }
})

for (const url of ['', 'rpc.example', 'ftp://rpc.example', 'http//x']) {
  test(`the endpoint "${url}" - should be refused`, (t) => {
    t.throws(() => createRpcEndpoint(url, 1000), { code: 'INVALID_ENDPOINT' })
  })
}

const stale = test.macro(async (t, method: string, repeated: boolean) => {
  let reset = false
  const rpc = await startFakeRpc(t, ({ params }) => {
    if (!reset) return { result: params }
    reset = false
    return 'reset'
  })
  const endpoint = createRpcEndpoint(rpc.url, 5000)
  t.teardown(() => endpoint.close())
  await endpoint.call(method, {}, undefined)
  reset = true
  if (repeated) t.deepEqual(await endpoint.call(method, { n: 2 }, undefined), { n: 2 })
  else await t.throwsAsync(endpoint.call(method, {}, undefined), { code: 'RPC_UNAVAILABLE' })
  t.is(rpc.requests.length, repeated ? 3 : 2)
})
test('a query on a connection that the server just closed - should be asked again', stale, 'query', true)
test('a transaction on a connection that was just closed - should not be repeated unseen', stale, 'send_tx', false)
