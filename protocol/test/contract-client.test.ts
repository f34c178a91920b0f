import test, { type ExecutionContext } from 'ava'
import { createContractClient } from '../src/contract-client.ts'
import type { ContractRefusedError } from '../src/contract-panic.ts'
import type { Json } from '../src/json.ts'
import { createLedger, serveLedger, type Fate } from './support/fake-ledger.ts'
import { startFakeRpc, type RpcReply } from './support/fake-rpc.ts'

async function world(
  t: ExecutionContext,
  fates: Fate[] = [],
  options: { endpoints?: number; requestTimeoutMs?: number; deadlineMs?: number } = {},
) {
  const { endpoints = 1, requestTimeoutMs = 10_000, deadlineMs = 60_000 } = options
  const ledger = createLedger()
  ledger.fates = fates
  const rpcs = await Promise.all(Array.from({ length: endpoints }, () => startFakeRpc(t, serveLedger(ledger))))
  const client = createContractClient({
    endpoints: rpcs.map(({ url }) => url),
    contractId: 'mpc.near',
    accountId: 'op.near',
    signerSeed: new Uint8Array(32).fill(3),
    requestTimeoutMs,
    deadlineMs,
  })
  t.teardown(() => client.close())
  return { ledger, rpcs, client }
}

test('a call - should be executed once and give what was returned, logged and burnt', async (t) => {
  const { ledger, client } = await world(t)
  const outcome = await client.call('vote_pk', { attempt_id: 2n ** 64n - 1n })
  t.deepEqual(outcome, {
    transactionHash: ledger.executed[0]?.hash ?? '',
    returned: { epoch: 2n ** 64n - 1n },
    logs: ['EVENT_JSON:{}'],
    gasBurntTgas: 5,
  })
  t.deepEqual(
    ledger.executed.map(({ method, args }) => [method, args]),
    [['vote_pk', '{"attempt_id":18446744073709551615}']],
  )
})

const once = test.macro(async (t, fates: Fate[], endpoints: number) => {
  const { ledger, client } = await world(t, fates, {
    endpoints,
    requestTimeoutMs: fates.includes('hang') ? 300 : 10_000,
  })
  const { returned } = await client.call('conclude_recovery', {})
  t.deepEqual(returned, { epoch: 2n ** 64n - 1n })
  t.is(ledger.executed.length, 1)
})
test('a call whose answer is lost - should have its effect once', once, ['lost'], 1)
test('a call whose answer is lost, at two endpoints - should have its effect once', once, ['lost'], 2)
test('a call that never arrived - should be sent again', once, ['dropped', 'dropped'], 1)
test('a call that an endpoint hangs on - should be sent again to the next', once, ['hang'], 2)
test('a call that a node gave up waiting for - should be sent again', once, ['timeout', 'lost'], 1)
test('a call with an expired block - should be signed anew', once, ['expired'], 1)
test(
  'a call that expires after it may have arrived - should be looked up before anything else',
  once,
  ['lost', 'expired'],
  2,
)

test('calls at the same time - should go one after the other with growing nonces', async (t) => {
  const { ledger, client } = await world(t, ['slow', 'lost', 'slow'])
  await Promise.all(['a', 'b', 'c', 'd'].map((method) => client.call(method, {})))
  t.is(ledger.executed.map(({ method }) => method).join(''), 'abcd')
  t.is(ledger.nonce, 11n)
})

test('a nonce that another process took - should be replaced', async (t) => {
  const { ledger, client } = await world(t)
  let thefts = 2
  ledger.afterNonce = () => {
    if (thefts-- > 0) ledger.nonce += 1n
  }
  await client.call('a', {})
  t.is(ledger.executed.length, 1)
})

test('a call after one that failed - should still go', async (t) => {
  const { ledger, client, rpcs } = await world(t)
  ledger.status = { Failure: panic('Smart contract panicked: NOT_PARTICIPANT: op.near is not a participant') }
  await t.throwsAsync(client.call('a', {}), { code: 'CONTRACT_REFUSED' })
  ledger.status = { SuccessValue: '' }
  t.is((await client.call('b', {})).returned, null)
  t.true(rpcs[0] !== undefined && rpcs[0].connections <= 2)
})

function panic(text: string): Json {
  return { ActionError: { index: 0, kind: { FunctionCallError: { ExecutionError: text } } } }
}

test('a panic - should give its code and sentence without the stack', async (t) => {
  const { ledger, client } = await world(t)
  ledger.status = {
    Failure: panic(
      'Smart contract panicked: ALREADY_RECOVERING: op.near has asked: wait\n    at fail (build/contract.js:2567)\n    at apply (native)\n',
    ),
  }
  const error = await t.throwsAsync<ContractRefusedError>(client.call('submit', {}))
  t.is(error.contractCode, 'ALREADY_RECOVERING')
  t.is(error.sentence, 'op.near has asked: wait')
  t.is(error.message, 'the contract refused submit: ALREADY_RECOVERING: op.near has asked: wait')
})

test('a panic without a code - should have none', async (t) => {
  const { ledger, client } = await world(t)
  ledger.status = { Failure: panic('Smart contract panicked: The protocol is not Running.') }
  const error = await t.throwsAsync<ContractRefusedError>(client.call('conclude_node_migration', {}))
  t.is(error.contractCode, null)
  t.is(error.sentence, 'The protocol is not Running.')
})

test('a failure that is no panic - should be told as it is', async (t) => {
  const { ledger, client } = await world(t)
  ledger.status = { Failure: { ActionError: { kind: { AccountDoesNotExist: { account_id: 'mpc.near' } } } } }
  await t.throwsAsync(client.call('a', {}), { code: 'TRANSACTION_FAILED', message: /AccountDoesNotExist/ })
})

test('a transaction that never gets an answer - should be uncertain, with its hash', async (t) => {
  const { ledger, client } = await world(t, Array<Fate>(50).fill('dropped'), { deadlineMs: 400 })
  await t.throwsAsync(client.call('a', {}), {
    code: 'TRANSACTION_UNCERTAIN',
    message: /of a \(transaction \w{40,44}\)/,
  })
  t.is(ledger.executed.length, 0)
})

const rejected = test.macro(async (t, invalid: Json, code: string, message: RegExp) => {
  const { client, rpcs, ledger } = await world(t)
  const [rpc] = rpcs
  if (rpc === undefined) return t.fail()
  const { answer } = rpc
  rpc.answer = (request): RpcReply | Promise<RpcReply> =>
    request.method === 'send_tx'
      ? { error: { cause: { name: 'INVALID_TRANSACTION' }, data: { TxExecutionError: { InvalidTxError: invalid } } } }
      : answer(request)
  const error = await t.throwsAsync(client.call('a', {}), { code, message })
  t.regex(error.message, /op\.near \(ed25519:\w+\)/)
  t.false(error.message.includes('secret-api-key'))
  t.is(ledger.executed.length, 0)
})
test(
  'a key that is not on the account - should be named',
  rejected,
  { InvalidAccessKeyError: { AccessKeyNotFound: {} } },
  'ACCESS_KEY_MISSING',
  /not an access key/,
)
test(
  'a key for other methods - should be refused',
  rejected,
  { InvalidAccessKeyError: { MethodNameMismatch: { method_name: 'a' } } },
  'ACCESS_KEY_NOT_ALLOWED',
  /MethodNameMismatch/,
)
test(
  'a deposit from a function-call key - should be refused',
  rejected,
  { InvalidAccessKeyError: 'DepositWithFunctionCall' },
  'ACCESS_KEY_NOT_ALLOWED',
  /no deposit/,
)
test(
  'an allowance that is used up - should be refused',
  rejected,
  { InvalidAccessKeyError: { NotEnoughAllowance: {} } },
  'NOT_ENOUGH_BALANCE',
  /allowance/,
)
test(
  'too little NEAR - should be refused',
  rejected,
  { NotEnoughBalance: { balance: '1', cost: '2' } },
  'NOT_ENOUGH_BALANCE',
  /"cost":"2"/,
)
test(
  'an unknown account - should be refused',
  rejected,
  { SignerDoesNotExist: { signer_id: 'op.near' } },
  'ACCESS_KEY_MISSING',
  /does not exist/,
)
test('any other rejection - should be told as it is', rejected, 'CostOverflow', 'TRANSACTION_REFUSED', /CostOverflow/)

test('a key that no endpoint knows - should be named before anything is sent', async (t) => {
  const { client, rpcs } = await world(t)
  const [rpc] = rpcs
  if (rpc === undefined) return t.fail()
  rpc.answer = () => ({
    result: { block_hash: 'x', block_height: 1, logs: [], error: 'access key x does not exist while viewing' },
  })
  await t.throwsAsync(client.call('a', {}), { code: 'ACCESS_KEY_MISSING' })
  t.false(rpc.requests.some(({ method }) => method === 'send_tx'))
})

test('a call - should stop when its signal aborts', async (t) => {
  const { client } = await world(t, Array<Fate>(50).fill('dropped'))
  const controller = new AbortController()
  const reason = new Error('stopping')
  const calling = client.call('a', {}, { signal: controller.signal })
  setTimeout(() => controller.abort(reason), 50)
  await t.throwsAsync(calling, { is: reason })
})

test('a call with no endpoint in reach - should be unavailable, nothing sent', async (t) => {
  const { client, rpcs } = await world(t)
  const [rpc] = rpcs
  if (rpc === undefined) return t.fail()
  rpc.answer = () => 'reset'
  const error = await t.throwsAsync(client.call('a', {}), { code: 'RPC_UNAVAILABLE' })
  t.true(error.message.includes(rpc.name))
})
