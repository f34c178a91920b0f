import { once } from 'node:events'
import { connect } from 'node:net'
import anyTest, { type TestFn } from 'ava'
import { startLocalnet, type Localnet } from '../src/localnet.ts'
import { baseDecode } from 'near-api-js'
import { decodeSignedTransaction } from '../src/transaction/decode.ts'
import { make, TestWorld } from './support/actor.ts'
import { post } from './support/rpc.ts'

const test = anyTest as TestFn<{ localnet: Localnet; url: string }>

test.before(async (t) => {
  const localnet = await startLocalnet({ blockMs: 20 })
  t.context = { localnet, url: localnet.endpoints[0]?.url ?? '' }
})
test.after.always((t) => t.context.localnet?.stop())

const malformed: readonly (readonly [string, unknown, RegExp])[] = [
  ['query', null, /expected a map/],
  ['query', { request_type: 'view_account', finality: 'final' }, /missing field `account_id`/],
  ['query', { request_type: 'view_account', finality: 'final', account_id: 7 }, /integer `7`, expected a string/],
  ['query', { request_type: 'view_account', finality: 'final', account_id: 'a' }, /the Account ID is too short/],
  ['query', { request_type: 'view_account', finality: 'final', account_id: 'a..b' }, /redundant separator/],
  ['query', { request_type: 'view_account', block_id: -1, account_id: 'a.b' }, /untagged enum BlockId/],
  ['query', ['soul/test.near', ''], /Unknown path/],
  ['query', { request_type: 'view_gas_key', finality: 'final', account_id: 'a.b' }, /does not offer/],
  ['block', { finality: 'final', block_id: 1 }, /map with a single key/],
  ['tx', { tx_hash: '0', sender_account_id: 'a.near' }, /expected 32 bytes in base 58/],
  [
    'tx',
    { tx_hash: '11111111111111111111111111111111', sender_account_id: 'a.near', wait_until: 'SOON' },
    /unknown variant `SOON`/,
  ],
  ['send_tx', {}, /missing field `signed_tx_base64`/],
  ['send_tx', { signed_tx_base64: 'AAAAA' }, /Invalid padding/],
  ['broadcast_tx_async', [5], /expected a string/],
  ['sandbox_fast_forward', { delta_height: 'far' }, /expected u64/],
  ['sandbox_patch_state', { records: [{ Soul: {} }] }, /unknown variant `Soul`/],
  ['sandbox_patch_state', { records: [{ Account: { account_id: 'a.near' } }] }, /missing field `account`/],
]
for (const [method, params, message] of malformed) {
  test(`door - should refuse ${method} with ${JSON.stringify(params)}`, async (t) => {
    const { status, body } = await post(t.context.url, { jsonrpc: '2.0', id: 1, method, params })
    const error = body['error'] as { name: string; cause: { name: string }; data: string }
    t.is(status, 400)
    t.is(error.name, 'REQUEST_VALIDATION_ERROR')
    t.is(error.cause.name, 'PARSE_ERROR')
    t.regex(error.data, message)
  })
}

test('door - should answer who asks for what is no path', async (t) => {
  t.is((await fetch(`${t.context.url}/metrics`)).status, 404)
  t.is((await fetch(t.context.url, { method: 'DELETE' })).status, 405)
})

test('chain - should give up on a status that nothing reaches', async (t) => {
  const localnet = await startLocalnet({ blockMs: 20, waitMs: 200 })
  t.teardown(() => localnet.stop())
  // A transaction nobody knows, asked for by someone who does not have it.
  const params = {
    tx_hash: '7nsuuitwS7xcdGnD9JgrE22cRB2vf2VS4yh1N9S71F4d',
    sender_account_id: 'a.near',
    wait_until: 'FINAL',
  }
  const request = { jsonrpc: '2.0', id: 1, method: 'tx', params }
  const { status, body } = await post(localnet.endpoints[0]?.url ?? '', request)
  t.is(status, 408)
  t.is((body['error'] as { cause: { name: string } }).cause.name, 'TIMEOUT_ERROR')
})

test('chain - should refuse a transaction whose block is too old', async (t) => {
  // Blocks come by hand: the timer's are a minute apart.
  const localnet = await startLocalnet({ blockMs: 60_000, validityBlocks: 8 })
  t.teardown(() => localnet.stop())
  const { chain, root, stop } = localnet
  const rpcUrl = localnet.endpoints[0]?.url ?? ''
  const world = new TestWorld({ kind: 'localnet', rpcUrl, blockMs: 20, root, fastForward: async () => {}, stop })
  const blockHash = baseDecode(chain.blocks.head('optimistic').hash)
  const signed = await world.root.sign(root.accountId, [make.transfer(1n)], { blockHash })
  const transaction = decodeSignedTransaction(new Uint8Array(Buffer.from(signed, 'base64')))
  for (let block = 0; block < 4; block++) chain.produceBlock()
  t.is(chain.problemOf(transaction), null)
  // Heights count, not blocks.
  chain.fastForward(4)
  chain.produceBlock()
  t.is(chain.problemOf(transaction), 'Expired')
})

test('door - should keep an idle connection', async (t) => {
  const { port } = new URL(t.context.url)
  const socket = connect(Number(port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  const ask = async (): Promise<string> => {
    socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return chunk.toString()
  }
  t.regex(await ask(), /^HTTP\/1.1 200/)
  // Node's own default closes after 5 s; what it announces is what it does.
  t.notRegex(await ask(), /keep-alive: timeout/i)
})

test('door - should write 64-bit numbers digit by digit', async (t) => {
  const { url } = t.context
  const key = 'ed25519:9DZ1V2n1qkLkS6o8Xz5zJ2Tqk3n5v8z5K5m4n3B2v1CA'
  const access = { nonce: '18446744073709551615', permission: 'FullAccess' }
  const records = [{ AccessKey: { account_id: 'test.near', public_key: key, access_key: access } }]
  await post(url, { jsonrpc: '2.0', id: 1, method: 'sandbox_patch_state', params: { records } })
  const params = { request_type: 'view_access_key', finality: 'optimistic', account_id: 'test.near', public_key: key }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'query', params }),
  })
  t.regex(await response.text(), /"nonce":18446744073709551615,/)
})

test('chain - should go on when a client goes away while it waits', async (t) => {
  const { url, localnet } = t.context
  const gone = new AbortController()
  const waiting = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: gone.signal,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tx',
      params: {
        tx_hash: '7nsuuitwS7xcdGnD9JgrE22cRB2vf2VS4yh1N9S71F4d',
        sender_account_id: 'a.near',
        wait_until: 'FINAL',
      },
    }),
  })
  await localnet.chain.nextBlock()
  gone.abort()
  await t.throwsAsync(waiting)
  t.is((await post(url, { jsonrpc: '2.0', id: 1, method: 'health', params: [] })).status, 200)
})

test('chain - should forget old blocks and say so', async (t) => {
  const localnet = await startLocalnet({ blockMs: 1_000 })
  t.teardown(() => localnet.stop())
  for (let block = 0; block < 2_600; block++) localnet.chain.produceBlock()
  const query = { request_type: 'view_account', account_id: 'test.near', block_id: 20 }
  const { body } = await post(localnet.endpoints[0]?.url ?? '', {
    jsonrpc: '2.0',
    id: 1,
    method: 'query',
    params: query,
  })
  t.is((body['error'] as { cause: { name: string } }).cause.name, 'GARBAGE_COLLECTED_BLOCK')
})
