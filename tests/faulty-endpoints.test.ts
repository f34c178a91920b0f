/**
 * Reading and writing one chain through three endpoints of which one is faulty in turn. Fails if a single endpoint that is
 * dead, slow, behind or lying can stop a service, or make it believe something.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLocalnet, type Localnet } from '@holdfast/localnet/localnet.ts'
import type { Faults } from '@holdfast/localnet/rpc/faults.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { decodeBase58, formatEd25519Key } from '@holdfast/protocol/near-key.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import type { EndpointEvent } from '@holdfast/protocol/rpc/ports.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import test, { type ExecutionContext } from 'ava'

const WASM = readFileSync(join(import.meta.dirname, '../contract/build/holdfast.wasm'))
const REQUEST_TIMEOUT_MS = 700
const BLOCK_MS = 20

let localnet: Localnet
let contractId: string
test.before(async () => {
  localnet = await startLocalnet({ blockMs: BLOCK_MS, ports: [0, 0, 0] })
  contractId = `mpc.${localnet.root.accountId}`
  const sender = rootSender()
  await sender.send(contractId, [
    { kind: 'createAccount' },
    { kind: 'transfer', yocto: 10n ** 26n },
    { kind: 'deployContract', wasm: WASM },
  ])
  sender.close()
  const reader = createContractReader({ endpoints: urls(), contractId, quorum: 3 })
  const isFinal = () =>
    reader.readView(AbortSignal.timeout(5000)).then(
      () => true,
      () => false,
    )
  while (!(await isFinal())) await sleep(BLOCK_MS)
  reader.close()
})
test.after.always(() => localnet.stop())

function urls(): string[] {
  return localnet.endpoints.map(({ url }) => url)
}

function rootSender() {
  const signerSeed = decodeBase58(localnet.root.secretKey.replace('ed25519:', ''))?.subarray(0, 32) ?? new Uint8Array()
  const { accountId } = localnet.root
  return createTransactionSender({ endpoints: urls(), accountId, signerSeed, requestTimeoutMs: REQUEST_TIMEOUT_MS })
}

async function withFaults(t: ExecutionContext, faults: Faults): Promise<void> {
  await localnet.endpoints[0]?.setFaults(faults)
  t.teardown(async () => localnet.endpoints[0]?.setFaults({}))
}

function forgedState(request: { method: string; params: unknown }, result: unknown): unknown {
  const { method_name: method } = request.params as { method_name?: string }
  return method === 'state' ? { ...(result as object), result: [...Buffer.from('{"Running":{}}')] } : result
}

const KINDS: [string, Faults, EndpointEvent['kind'] | undefined][] = [
  ['refuses connections', { dead: 'refused' }, 'unreachable'],
  ['cuts connections', { dead: 'reset' }, 'unreachable'],
  ['never answers', { dead: 'silent' }, undefined],
  ['is slow', { slowMs: 400 }, undefined],
  ['lags', { lag: 40 }, 'lagging'],
  ['stands still', { lag: 'frozen' }, undefined],
  ['lies about the state', { lie: forgedState }, 'lied'],
  ['limits rates', { requestsPerSecond: 1 }, 'unreachable'],
]

for (const [what, faults, kind] of KINDS) {
  test.serial(`an endpoint that ${what} - should not keep two others from being read`, async (t) => {
    await withFaults(t, faults)
    const events: EndpointEvent[] = []
    const options = { endpoints: urls(), contractId, quorum: 2, requestTimeoutMs: REQUEST_TIMEOUT_MS }
    const reader = createContractReader({ ...options, onEndpoint: (event) => void events.push(event) })
    t.teardown(() => reader.close())
    let height = 0n
    for (let reads = 0; reads < 10; reads++) {
      const { state, block } = await reader.readView(AbortSignal.timeout(10_000))
      t.is(state.kind, 'NotInitialized')
      t.true(block.height >= height)
      t.true(localnet.chain.blocks.head('final').height - Number(block.height) < 40, 'the view is far behind')
      height = block.height
    }
    const faulty = new URL(urls()[0] ?? '').host
    t.deepEqual([...new Set(events.map(({ endpoint }) => endpoint))], events.length === 0 ? [] : [faulty])
    if (kind !== undefined) t.true(events.some((event) => event.kind === kind))
  })
}

for (const [what, faults] of KINDS.filter(([, { lie, lag }]) => lie === undefined && lag !== 'frozen')) {
  test.serial(`an endpoint that ${what} - should not keep a transaction from its one effect`, async (t) => {
    await withFaults(t, faults)
    const sender = rootSender()
    t.teardown(() => sender.close())
    const key = formatEd25519Key(createTlsIdentity(crypto.getRandomValues(new Uint8Array(32))).publicKey)
    const { accountId } = localnet.root
    await t.notThrowsAsync(sender.send(accountId, [{ kind: 'addFullAccessKey', publicKey: key }]))
    await t.notThrowsAsync(sender.send(accountId, [{ kind: 'deleteKey', publicKey: key }]))
  })
}
