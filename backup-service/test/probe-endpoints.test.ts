import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { findChain } from '../src/freshness/find-chain.ts'
import { probeEndpoints, type ProbeReport } from '../src/freshness/probe-endpoints.ts'
import { readProvedEndpoints } from '../src/freshness/proved-endpoints.ts'
import { temporaryDirectory, until } from './support/home.ts'
import { CONTRACT } from './support/views.ts'

type Answers = {
  chain?: string | 'none'
  state?: unknown
  stateError?: object
  blockError?: object
  viewBlock?: string
}

/** Speaks as a NEAR RPC of one chain with one contract; `become` makes it another. */
async function rpc(t: ExecutionContext, answers: Answers | RequestListener) {
  let behave = answers
  const server = createServer(async (request, response) => {
    if (typeof behave === 'function') return behave(request, response)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string; method: string }
    const { chain = 'testnet', state = 'NotInitialized', stateError, blockError, viewBlock = 'h' } = behave
    const body = (): object => {
      if (method === 'status') {
        if (chain === 'none')
          return { error: { name: 'REQUEST_VALIDATION_ERROR', cause: { name: 'METHOD_NOT_FOUND' } } }
        return { result: { chain_id: chain } }
      }
      if (method === 'block') {
        return blockError ?? { result: { header: { height: 7, hash: 'h', timestamp_nanosec: '7000000' } } }
      }
      return stateError ?? { result: { block_hash: viewBlock, result: [...Buffer.from(JSON.stringify(state))] } }
    }
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body() }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void (server.closeAllConnections(), server.close()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/key-SENTINEL`,
    become(other: typeof behave) {
      behave = other
    },
  }
}

const answer =
  (status: number, text: string): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(text)

async function probe(
  t: ExecutionContext,
  urls: string[],
  { chainId, file, againAfterMs = 20 }: { chainId?: string; file?: string; againAfterMs?: number } = {},
) {
  const proofs = file ?? join(await temporaryDirectory(t), 'proved-endpoints.json')
  const stopping = new AbortController()
  t.teardown(() => stopping.abort())
  const reports: ProbeReport[] = []
  const started = await probeEndpoints({
    urls,
    contractId: CONTRACT,
    chainId,
    proved: await readProvedEndpoints(proofs, CONTRACT),
    timeoutMs: 1_000,
    againAfterMs,
    onProbe: (report) => void reports.push(report),
    signal: stopping.signal,
  })
  return { reports, file: proofs, stop: async () => (stopping.abort(), started.ended), ended: started.ended }
}

const missing = {
  error: { name: 'HANDLER_ERROR', cause: { name: 'UNKNOWN_ACCOUNT' }, data: 'mpc.near does not exist' },
}
const noMethod = {
  error: {
    name: 'HANDLER_ERROR',
    cause: { name: 'CONTRACT_EXECUTION_ERROR' },
    data: 'MethodResolveError(MethodNotFound)',
  },
}
const ethereum = { error: { code: -32601, message: 'the method does not exist' } }

const wrong: [title: string, answers: Answers | RequestListener, code: string, said: RegExp][] = [
  ['is a web page', answer(200, '<html>'), 'ENDPOINT_NO_NEAR_RPC', /not JSON/],
  ['has nothing at this path', answer(404, ''), 'ENDPOINT_NO_NEAR_RPC', /404/],
  ['sends us elsewhere', answer(302, ''), 'ENDPOINT_NO_NEAR_RPC', /302/],
  ['speaks the JSON-RPC of another network', { chain: 'none', blockError: ethereum }, 'ENDPOINT_NO_NEAR_RPC', /block/],
  ['follows another chain', { chain: 'mainnet' }, 'ENDPOINT_WRONG_CHAIN', /"mainnet", expected "testnet"/],
  ['has no such account', { stateError: missing }, 'ENDPOINT_WRONG_CONTRACT', /does not exist/],
  ['has a contract without that view', { stateError: noMethod }, 'ENDPOINT_WRONG_CONTRACT', /has no method state/],
  ['has a contract of another kind', { state: { owner: 'x' } }, 'ENDPOINT_WRONG_CONTRACT', /Holdfast contract.*owner/],
]
for (const [title, answers, code, said] of wrong) {
  test(`an endpoint that ${title} - should be refused by name and reason`, async (t) => {
    const { url } = await rpc(t, answers)
    const error = await t.throwsAsync(probe(t, [url], { chainId: 'testnet' }), { code, message: said })
    t.true(error.message.includes(new URL(url).host))
    t.false(error.message.includes('SENTINEL'))
  })
}

const notWrong: [title: string, answers: Answers | RequestListener][] = [
  ['is overloaded', answer(503, '')],
  ['limits rates', answer(429, '')],
  ['does not take its key', answer(401, '')],
  ['never answers', () => undefined],
  ['answers about another block than was asked for', { viewBlock: 'other' }],
  ['is not synced', { blockError: { error: { cause: { name: 'NO_SYNCED_BLOCKS' } } } }],
]
for (const [title, answers] of notWrong) {
  test(`an endpoint that ${title} - should not keep the service from starting, and be found right later`, async (t) => {
    const one = await rpc(t, answers)
    const { reports, ended } = await probe(t, [one.url], { chainId: 'testnet' })
    await until(() => reports.length === 1)
    t.is(reports[0]?.kind, 'unreachable')
    one.become({})
    await ended
    t.deepEqual(
      reports.map(({ kind }) => kind),
      ['unreachable', 'recovered'],
    )
  })
}

test('an endpoint that was silent at the start - should be named when it turns out wrong, and the service go on', async (t) => {
  const one = await rpc(t, () => undefined)
  const { reports, stop } = await probe(t, [one.url], { chainId: 'testnet' })
  one.become({ chain: 'mainnet' })
  const named = await until(() => reports.find(({ kind }) => kind === 'wrong'))
  t.regex(named.detail, /mainnet/)
  await stop()
})

test('an endpoint that was right once - should stop no later start, whatever it says then', async (t) => {
  const one = await rpc(t, {})
  const first = await probe(t, [one.url])
  await first.ended
  t.deepEqual(first.reports, [])
  t.false((await readFile(first.file, 'utf8')).includes('SENTINEL'))
  for (const answers of [answer(200, '<html>'), { chain: 'mainnet' }, { stateError: missing }]) {
    one.become(answers)
    const later = await probe(t, [one.url], { file: first.file })
    await until(() => later.reports.length === 1)
    t.is(later.reports[0]?.kind, 'wrong')
    one.become({})
    await later.ended
    t.is(later.reports[1]?.kind, 'recovered')
  }
  one.become({ chain: 'mainnet' })
  const other = await rpc(t, { chain: 'mainnet' })
  await t.throwsAsync(probe(t, [one.url, other.url], { file: first.file }), {
    code: 'ENDPOINT_WRONG_CHAIN',
    message: /"mainnet", expected "testnet"/,
  })
})

test('endpoints of different chains - should be refused where the config names none', async (t) => {
  const [one, other] = [await rpc(t, {}), await rpc(t, { chain: 'mainnet' })]
  await t.throwsAsync(probe(t, [one.url, other.url]), { code: 'ENDPOINT_WRONG_CHAIN', message: /testnet.*mainnet/ })
})

test('an endpoint that keeps its status to itself - should be taken by what else it says', async (t) => {
  const one = await rpc(t, { chain: 'none' })
  const { ended, reports } = await probe(t, [one.url], { chainId: 'testnet' })
  await ended
  t.deepEqual(reports, [])
})

test('init - should find the chain that the endpoints follow, and say what it could not ask', async (t) => {
  const right = await rpc(t, { stateError: missing })
  const silent = await rpc(t, answer(503, ''))
  const options = { contractId: CONTRACT, chainId: undefined, timeoutMs: 1_000, signal: new AbortController().signal }
  const found = await findChain({ ...options, urls: [right.url, silent.url] })
  t.is(found.chainId, 'testnet')
  t.is(found.notes.length, 2)
  t.regex(found.notes.join(), /does not exist[^]*503/)
  t.deepEqual(await findChain({ ...options, urls: [(await rpc(t, {})).url] }), { chainId: 'testnet', notes: [] })
  const mainnet = await rpc(t, { chain: 'mainnet' })
  await t.throwsAsync(findChain({ ...options, urls: [right.url, mainnet.url] }), { code: 'ENDPOINT_WRONG_CHAIN' })
  await t.throwsAsync(findChain({ ...options, chainId: 'testnet', urls: [mainnet.url] }), {
    code: 'ENDPOINT_WRONG_CHAIN',
  })
})
