/**
 * The contract reader and the transaction sender on a chain, with the compiled contract: the localnet, or a real node
 * where NEAR_SANDBOX_BIN_PATH names one. Fails if what they send or understand is not what a NEAR node takes and gives.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChain, type TestChain } from '@holdfast/localnet/harness/start-chain.ts'
import { createContractClient } from '@holdfast/protocol/contract-client.ts'
import type { ContractRefusedError } from '@holdfast/protocol/contract-panic.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { decodeBase58, formatEd25519Key, type Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { participantsOf } from '@holdfast/protocol/live-state.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createTransactionSender, type SendTransaction } from '@holdfast/protocol/transaction-sender.ts'
import test, { type ExecutionContext } from 'ava'

const WASM = readFileSync(join(import.meta.dirname, '../contract/build/holdfast.wasm'))
const ONE_NEAR = 10n ** 24n

let chain: TestChain
let root: SendTransaction
test.before(async () => {
  chain = await startChain()
  root = senderOf(chain.root.accountId, seedOf(chain.root.secretKey))
})
test.after.always(async () => {
  root.close()
  await chain.stop()
})

function seedOf(secretKey: string): Uint8Array {
  return decodeBase58(secretKey.replace('ed25519:', ''))?.subarray(0, 32) ?? new Uint8Array()
}

function senderOf(accountId: string, signerSeed: Uint8Array): SendTransaction {
  return createTransactionSender({ endpoints: [chain.rpcUrl], accountId, signerSeed })
}

let made = 0
function newSeed(): { seed: Uint8Array; key: Ed25519KeyText } {
  const seed = new Uint8Array(32).fill(++made)
  return { seed, key: formatEd25519Key(createTlsIdentity(seed).publicKey) }
}

async function createAccount(name: string, wasm?: Uint8Array) {
  const accountId = `${name}.${chain.root.accountId}`
  const { seed, key } = newSeed()
  await root.send(accountId, [
    { kind: 'createAccount' },
    { kind: 'transfer', yocto: 20n * ONE_NEAR },
    { kind: 'addFullAccessKey', publicKey: key },
    ...(wasm === undefined ? [] : [{ kind: 'deployContract', wasm } as const]),
  ])
  return { accountId, seed }
}

function initArguments(operators: string[]) {
  return {
    parameters: {
      participants: {
        next_id: operators.length,
        participants: operators.map((accountId, id) => [
          accountId,
          id,
          { url: `http://127.0.0.1:${id + 1}`, tls_public_key: newSeed().key },
        ]),
      },
      threshold: 2,
    },
  }
}

function clientOf(contractId: string, { accountId, seed }: { accountId: string; seed: Uint8Array }) {
  return createContractClient({ endpoints: [chain.rpcUrl], contractId, accountId, signerSeed: seed })
}

async function network(t: ExecutionContext, name: string) {
  const contract = await createAccount(`mpc-${name}`, WASM)
  const contractId = contract.accountId
  const operator = await createAccount(`op-${name}`)
  const reader = createContractReader({ endpoints: [chain.rpcUrl], contractId, quorum: 1 })
  const itself = clientOf(contractId, contract)
  const client = clientOf(contractId, operator)
  t.teardown(() => [reader, itself, client].forEach((each) => each.close()))
  const operators = [operator.accountId, `b.${contractId}`, `c.${contractId}`]
  return {
    contractId,
    operator,
    operators,
    reader,
    itself,
    client,
    init: () => itself.call('init', initArguments(operators)),
  }
}

/** Reads until a final view shows what an executed call did. */
async function eventually(
  t: ExecutionContext,
  reader: ReadContract,
  holds: (view: ContractView) => boolean,
): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  for (;;) {
    if (holds(await reader.readView(signal))) {
      t.pass()
      return
    }
    await sleep(chain.blockMs, signal)
  }
}

test('a contract - should be read before and after it is initialised', async (t) => {
  const { reader, init, operators, itself } = await network(t, 'init')
  const signal = AbortSignal.timeout(20_000)
  await eventually(t, reader, ({ state }) => state.kind === 'NotInitialized')
  const outcome = await init()
  t.true(outcome.gasBurntTgas > 1)
  t.true(outcome.logs.some((log) => log.startsWith('EVENT_JSON:')))
  await eventually(t, reader, ({ state }) => state.kind === 'Running')
  const { state, migrationInfo, block } = await reader.readView(signal)
  t.deepEqual(
    participantsOf(state).map(({ accountId }) => accountId),
    operators,
  )
  t.deepEqual(migrationInfo, {})
  t.true(Math.abs(Date.now() - block.timestampMs) < 30_000)
  t.is(await reader.readAuthorization(operators[0] ?? '', signal), null)
  t.like(await reader.viewMethod('config', {}, signal), { key_event_timeout_blocks: 30 })
  const again = await t.throwsAsync<ContractRefusedError>(itself.call('init', {}))
  t.is(again.contractCode, 'ALREADY_INITIALIZED')
})

test('a refused call - should give code and sentence, and a malformed view its refusal', async (t) => {
  const { client, reader, init } = await network(t, 'refused')
  await init()
  const error = await t.throwsAsync<ContractRefusedError>(
    client.call('register_backup_service', { backup_service_info: { public_key: newSeed().key } }),
  )
  t.is(error.code, 'CONTRACT_REFUSED')
  t.regex(error.contractCode ?? '', /^[A-Z_]+$/)
  t.regex(error.sentence, /yocto|deposit/i)
  await t.throwsAsync(reader.viewMethod('no_such_view', {}, AbortSignal.timeout(20_000)), {
    code: 'CONTRACT_UNREADABLE',
  })
})

test('calls at once, by two programs with one key - should all take effect once', async (t) => {
  const { contractId, operator, client, reader, init } = await network(t, 'race')
  await init()
  const other = clientOf(contractId, operator)
  t.teardown(() => other.close())
  const register = (by: typeof client) =>
    by.call('register_backup_service', { backup_service_info: { public_key: newSeed().key } }, { depositYocto: 1n })
  const outcomes = await Promise.all([client, other, client, other].map(register))
  t.is(new Set(outcomes.map(({ transactionHash }) => transactionHash)).size, 4)
  await eventually(t, reader, ({ migrationInfo }) => migrationInfo[operator.accountId]?.[0] !== undefined)
})

test('a function-call key - should call its methods and nothing else', async (t) => {
  const { contractId, operator, init } = await network(t, 'limited')
  await init()
  const limited = { accountId: operator.accountId, ...newSeed() }
  const owner = senderOf(operator.accountId, operator.seed)
  const node = clientOf(contractId, limited)
  t.teardown(() => [owner, node].forEach((each) => each.close()))
  await t.throwsAsync(node.call('expire_recoveries', {}), { code: 'ACCESS_KEY_MISSING' })
  const key = { publicKey: limited.key, receiverId: contractId, methods: ['expire_recoveries'] }
  await owner.send(operator.accountId, [{ kind: 'addFunctionCallKey', ...key, allowanceYocto: ONE_NEAR }])
  await t.notThrowsAsync(node.call('expire_recoveries', {}))
  await t.throwsAsync(node.call('vote_pk', {}), { code: 'ACCESS_KEY_NOT_ALLOWED' })
  await t.throwsAsync(node.call('expire_recoveries', {}, { depositYocto: 1n }), { code: 'ACCESS_KEY_NOT_ALLOWED' })
  await owner.send(operator.accountId, [{ kind: 'deleteKey', publicKey: limited.key }])
  await t.throwsAsync(node.call('expire_recoveries', {}), { code: 'ACCESS_KEY_MISSING' })
})

test('a transfer beyond the balance - should be refused, and one to nowhere fail on chain', async (t) => {
  const { accountId, seed } = await createAccount('poor')
  const sender = senderOf(accountId, seed)
  t.teardown(() => sender.close())
  await t.throwsAsync(sender.send('test.near', [{ kind: 'transfer', yocto: 10n ** 30n }]), {
    code: 'NOT_ENOUGH_BALANCE',
  })
  await t.throwsAsync(sender.send(`nobody.${accountId}`, [{ kind: 'transfer', yocto: 1n }]), {
    code: 'TRANSACTION_FAILED',
    message: /AccountDoesNotExist/,
  })
})
