import test from 'ava'
import { startChain, type TestChain } from '../src/harness/start-chain.ts'
import { differences } from './support/compare.ts'
import { buildProbe } from './support/probe.ts'
import { Replay } from './support/replay.ts'
import { post, rpc } from './support/rpc.ts'
import { nodeCases, type HttpRequest, type NodeCase } from './support/vectors.ts'

/**
 * What belongs to the recorded run: mostly amounts that follow from how much gas its contract burnt. Ours is another
 * contract, of the same size.
 */
const OF_THE_RUN: Readonly<Record<string, readonly string[]>> = {
  'allowance after': ['result.permission.FunctionCall.allowance'],
  'not enough balance': ['error.data.TxExecutionError.InvalidTxError.NotEnoughBalance.balance'],
  'leaves too little for storage': ['error.data.TxExecutionError.InvalidTxError.LackBalanceForState.amount'],
  EXPERIMENTAL_tx_status: ['result.receipts.*.receipt.Action.actions.*.Transfer.deposit'],
  deploy: ['result.transaction.actions.*.DeployContract.code'],
  // The recorded node was initialised with shorter ones than the official init writes.
  'protocol config': ['result.epoch_length', 'result.transaction_validity_period'],
  // The probe's `bump` is cheap, `spin` is not: what is compared is how a call ends that has too little.
  'call with too little gas': ['result.transaction.actions.*.FunctionCall.method_name'],
}

const RECORDED_CONTRACT_BYTES = 514_851

/** Cases that differ on purpose, each with its reason. A case here that does not differ fails the test. */
const ON_PURPOSE: Readonly<Record<string, string>> = {}

async function overHttp(url: string, { method, path, headers, body_text: body }: HttpRequest): Promise<Response> {
  // A body as bytes: fetch would name a content type for a text.
  const init = body === undefined ? { method, headers } : { method, headers, body: new TextEncoder().encode(body) }
  return fetch(`${url}${path}`, init)
}

type Differ = (recorded: unknown, ours: unknown) => string[]

async function replayHttp(url: string, recorded: NodeCase, differ: Differ): Promise<string[]> {
  const response = await overHttp(url, recorded.http as HttpRequest)
  const text = await response.text()
  return [
    ...differ(
      { status: recorded.status, content_type: recorded.content_type ?? null },
      { status: response.status, content_type: response.headers.get('content-type') },
    ),
    ...('json' in recorded ? differ(recorded.json, JSON.parse(text)) : differ(recorded.text, text)),
  ]
}

async function replayLarge(url: string, recorded: NodeCase, differ: Differ): Promise<string[]> {
  const params = { signed_tx_base64: 'A'.repeat(3_000_000), wait_until: 'NONE' }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'send_tx', params }),
  })
  return differ(
    { status: recorded.status, text: recorded.text },
    { status: response.status, text: await response.text() },
  )
}

/** The final view is two blocks behind the optimistic one, and sees the change that much later. */
async function watchViews(url: string, before: number): Promise<string[]> {
  const problems: string[] = []
  const view = async (finality: string): Promise<{ block_height: number; result: number[] }> =>
    rpc(url, 'query', {
      request_type: 'call_function',
      finality,
      account_id: 'c.test.near',
      method_name: 'count',
      args_base64: '',
    })
  const count = ({ result }: { result: number[] }): number => Number(Buffer.from(result).toString())
  const lags = new Set<number>()
  let sawOld = false
  for (let round = 0; round < 200; round++) {
    const optimistic = await view('optimistic')
    const final = await view('final')
    if (count(optimistic) !== before + 1) problems.push(`optimistic view shows ${count(optimistic)}`)
    lags.add(optimistic.block_height - final.block_height)
    if (count(final) === before) sawOld = true
    else if (count(final) === before + 1) {
      if (!sawOld) problems.push('the final view never lagged')
      // The chain may have moved on between the two requests, one way or the other.
      if (!lags.has(2) && !lags.has(1)) problems.push(`the final head is ${[...lags].join()} blocks behind`)
      return problems
    } else problems.push(`final view shows ${count(final)}`)
  }
  return [...problems, 'the final view never caught up']
}

async function countNow(url: string): Promise<number> {
  const params = { request_type: 'call_function', account_id: 'c.test.near', method_name: 'count', args_base64: '' }
  const { result } = await rpc<{ result: number[] }>(url, 'query', { ...params, finality: 'optimistic' })
  return Number(Buffer.from(result).toString())
}

test.serial('rpc - should answer the 116 recorded cases as the node did', async (t) => {
  t.timeout(180_000)
  // Slow enough that the final view is seen to lag, fast enough for a test.
  const chain: TestChain = await startChain({ blockMs: 60 })
  t.teardown(() => chain.stop())
  const replay = new Replay(chain, buildProbe(RECORDED_CONTRACT_BYTES))
  const cases = nodeCases()
  t.is(cases.length, 116)
  let countBefore = 0
  const unexpected: Record<string, string[]> = {}
  for (const recorded of cases) {
    const loose = new Set(OF_THE_RUN[recorded.case] ?? [])
    const differ: Differ = (left, right) => differences(left, right, { nameKeys: replay.nameKeys, loose })
    let found: string[]
    if (recorded.seen !== undefined) found = await watchViews(chain.rpcUrl, countBefore)
    else if (recorded.request === '(large)') found = await replayLarge(chain.rpcUrl, recorded, differ)
    else if (recorded.http !== undefined) found = await replayHttp(chain.rpcUrl, recorded, differ)
    else {
      const request = await replay.request(recorded)
      if (recorded.case === 'optimistic and final views: the transaction') countBefore = await countNow(chain.rpcUrl)
      const { status, body } = await post(chain.rpcUrl, request)
      replay.remember(body)
      found = [...differ({ status: recorded.status }, { status }), ...differ(recorded.response, body)]
    }
    const reason = ON_PURPOSE[recorded.case]
    if (reason !== undefined) t.not(found.length, 0, `${recorded.case} no longer differs: ${reason}`)
    else if (found.length > 0) unexpected[recorded.case] = found
  }
  t.deepEqual(unexpected, {})
})
