import test from 'ava'
import { startLocalnet, type Localnet } from '../src/localnet.ts'
import { parseFaults, FaultError, NO_FAULTS } from '../src/rpc/faults.ts'
import { rpc } from './support/rpc.ts'

const start = (blockMs = 20): Promise<Localnet> => startLocalnet({ blockMs, ports: [0, 0], control: { port: 0 } })

const height = async (url: string, finality = 'final'): Promise<number> => {
  const { header } = await rpc<{ header: { height: number } }>(url, 'block', { finality })
  return header.height
}

const urls = ({ endpoints }: Localnet): [string, string] => [endpoints[0]?.url ?? '', endpoints[1]?.url ?? '']

test('faults - should make one endpoint late and leave the other as it is', async (t) => {
  const localnet = await start()
  t.teardown(() => localnet.stop())
  const [faulty, sound] = urls(localnet)
  await localnet.endpoints[0]?.setFaults({ lag: 3 })
  const [late, now] = [await height(faulty), await height(sound)]
  t.true(now - late >= 2)
  await localnet.endpoints[0]?.setFaults({ lag: 'frozen' })
  const frozen = await height(faulty)
  for (let block = 0; block < 10; block++) await localnet.chain.nextBlock()
  t.is(await height(faulty), frozen)
  t.true((await height(sound)) >= frozen + 9)
  await localnet.endpoints[0]?.setFaults(NO_FAULTS)
  t.true((await height(faulty)) >= frozen + 9)
})

test('faults - should refuse, cut or swallow what comes to a dead endpoint', async (t) => {
  const localnet = await start()
  t.teardown(() => localnet.stop())
  const [faulty, sound] = urls(localnet)
  const [endpoint] = localnet.endpoints
  await endpoint?.setFaults({ dead: 'refused' })
  const refused = await t.throwsAsync(height(faulty))
  t.is((refused?.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED')
  await endpoint?.setFaults({ dead: 'reset' })
  await t.throwsAsync(height(faulty))
  await endpoint?.setFaults({ dead: 'silent' })
  const answered = height(faulty).then(
    () => true,
    () => true,
  )
  t.false(await Promise.race([answered, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200))]))
  await endpoint?.setFaults(NO_FAULTS)
  t.true((await height(faulty)) > 0)
  t.true((await height(sound)) > 0)
})

test('faults - should be slow, and stingy', async (t) => {
  const localnet = await start()
  t.teardown(() => localnet.stop())
  const [faulty] = urls(localnet)
  const [endpoint] = localnet.endpoints
  await endpoint?.setFaults({ slowMs: 150 })
  const began = performance.now()
  await height(faulty)
  t.true(performance.now() - began >= 145)
  await endpoint?.setFaults({ requestsPerSecond: 2 })
  const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await fetch(`${faulty}/status`)).status))
  t.deepEqual(statuses.sort(), [200, 200, 429, 429])
})

test('faults - should lie about what it is told to, and about nothing else', async (t) => {
  const localnet = await start()
  t.teardown(() => localnet.stop())
  const [faulty, sound] = urls(localnet)
  const seen: string[] = []
  await localnet.endpoints[0]?.setFaults({
    lie: ({ method }, result) => {
      seen.push(method)
      return method === 'gas_price' ? { gas_price: '1' } : result
    },
  })
  t.deepEqual(await rpc(faulty, 'gas_price', [null]), { gas_price: '1' })
  t.deepEqual(await rpc(sound, 'gas_price', [null]), { gas_price: '100000000' })
  t.is(await rpc(faulty, 'health', []), null)
  t.deepEqual(seen, ['gas_price', 'health'])
})

test('faults - should be switched over HTTP where that was asked for', async (t) => {
  const localnet = await start()
  t.teardown(() => localnet.stop())
  const [faulty] = urls(localnet)
  const set = async (body: unknown): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${localnet.control?.url}/fault`, { method: 'POST', body: JSON.stringify(body) })
    return { status: response.status, text: await response.text() }
  }
  t.is((await set({ endpoint: 0, faults: { dead: 'refused' } })).status, 200)
  await t.throwsAsync(height(faulty))
  t.is((await set({ endpoint: 0, faults: {} })).status, 200)
  t.true((await height(faulty)) > 0)
  t.regex((await set({ endpoint: 9, faults: {} })).text, /there is no endpoint 9, only 0 to 1/)
  t.is((await set({ endpoint: 0, faults: { dead: 'tired' } })).status, 400)
  const genesis = localnet.chain.blocks.genesis.hash
  await fetch(`${localnet.control?.url}/reset`, { method: 'POST' })
  t.not(localnet.chain.blocks.genesis.hash, genesis)
  t.true(
    (
      await rpc<{ amount: string }>(faulty, 'query', {
        request_type: 'view_account',
        finality: 'optimistic',
        account_id: 'test.near',
      })
    ).amount.length > 30,
  )
})

test('faults - should be off, and the switchboard closed, unless asked for', async (t) => {
  const localnet = await startLocalnet({ blockMs: 20 })
  t.teardown(() => localnet.stop())
  t.is(localnet.control, null)
  const response = await fetch(`${localnet.endpoints[0]?.url}/fault`, { method: 'POST', body: '{}' })
  t.is(response.status, 404)
})

const refusals: readonly (readonly [unknown, RegExp])[] = [
  [null, /expected an object/],
  [{ lazy: true }, /cannot set lazy: the faults are/],
  [{ slow_ms: -1 }, /cannot set slow_ms: expected a whole number, found -1/],
  [{ lag: 'thawed' }, /cannot set lag/],
  [{ dead: 'tired' }, /cannot set dead: expected one of refused, reset, silent/],
  [{ lie: { account_id: 'a.near' } }, /cannot set lie: expected account_id, method_name and value/],
]
for (const [value, message] of refusals) {
  test(`faults - should refuse ${JSON.stringify(value)}`, (t) => {
    const error = t.throws(() => parseFaults(value), { instanceOf: FaultError })
    t.regex(error?.message ?? '', message)
  })
}

test('faults - should read a lie about a view', (t) => {
  const { lie } = parseFaults({ lie: { account_id: 'c.near', method_name: 'state', value: { n: 1 } } })
  const params = { request_type: 'call_function', account_id: 'c.near', method_name: 'state' }
  const told = lie?.({ method: 'query', params }, { result: [1], block_height: 5 }) as { result: number[] }
  t.is(Buffer.from(told.result).toString(), '{"n":1}')
  t.deepEqual(lie?.({ method: 'query', params: { ...params, method_name: 'x' } }, { result: [1] }), { result: [1] })
})
