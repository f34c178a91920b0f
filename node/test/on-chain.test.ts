/**
 * Nodes with the compiled contract on a chain (the localnet, or a real node where NEAR_SANDBOX_BIN_PATH names one), each
 * with its own function-call key. Fails if what they send is not what the contract takes from that key.
 */
import { readFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { ed25519 } from '@noble/curves/ed25519.js'
import { startChain } from '@holdfast/localnet/harness/start-chain.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { liveKeyset, participantOf } from '@holdfast/protocol/live-state.ts'
import { decodeBase58, parseEd25519Key } from '@holdfast/protocol/near-key.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { NODE_METHODS } from '../../contract/src/access-key-methods.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { runNode, type ExitReason } from '../src/run-node.ts'
import { deliverShares, fetchShares, newIdentity } from './support/backup-client.ts'
import { eventually, makeMachine, removeMachines, type Machine } from './support/network.ts'

const wasm = readFileSync(new URL('../../contract/build/holdfast.wasm', import.meta.url))
const NEAR = 10n ** 24n
const MESSAGE = Buffer.from('on a chain')
const LONG_MS = 60_000

/** Accounts with full-access keys of the test's own, the contract deployed on the first. */
async function chainWithAccounts(t: ExecutionContext, names: string[]) {
  const chain = await startChain()
  t.teardown(() => chain.stop())
  const endpoints = [chain.rpcUrl]
  const sender = (accountId: string, signerSeed: Uint8Array) => {
    const made = createTransactionSender({ endpoints, accountId, signerSeed })
    t.teardown(() => made.close())
    return made
  }
  const rootSeed = decodeBase58(chain.root.secretKey.replace('ed25519:', ''))?.subarray(0, 32) ?? new Uint8Array()
  const root = sender(chain.root.accountId, rootSeed)
  const accounts = names.map((name) => `${name}.${chain.root.accountId}`)
  const [contractId = ''] = accounts
  const senders = new Map<string, ReturnType<typeof sender>>()
  for (const [index, account] of accounts.entries()) {
    const seed = new Uint8Array(32).fill(100 + index)
    await root.send(account, [
      { kind: 'createAccount' },
      { kind: 'transfer', yocto: 20n * NEAR },
      { kind: 'addFullAccessKey', publicKey: createTlsIdentity(seed).publicKeyText },
      ...(index === 0 ? [{ kind: 'deployContract', wasm } as const] : []),
    ])
    senders.set(account, sender(account, seed))
  }
  const call = async (account: string, method: string, args: Json, depositYocto = 0n) => {
    await senders.get(account)?.send(contractId, [{ kind: 'call', method, args, depositYocto }])
  }
  const addNodeKey = async ({ accountId, keys }: Machine) => {
    const key = { publicKey: keys.signerPublicKey, receiverId: contractId, methods: NODE_METHODS }
    await senders.get(accountId)?.send(accountId, [{ kind: 'addFunctionCallKey', ...key }])
  }
  const machine = async (accountId: string) => {
    const made = await makeMachine(accountId, { contract_id: contractId, rpc_urls: endpoints, poll_interval_ms: 100 })
    t.teardown(() => removeMachines([made]))
    await addNodeKey(made)
    return made
  }
  const reader = createContractReader({ endpoints, contractId, quorum: 1 })
  t.teardown(() => reader.close())
  return { accounts, contractId, call, machine, readState: async () => reader.readView(AbortSignal.timeout(LONG_MS)) }
}

function start(t: ExecutionContext, { home }: Machine): { ended: Promise<ExitReason>; stop(): Promise<ExitReason> } {
  const abort = new AbortController()
  const ended = runNode({ home, signal: abort.signal, log: silentLogger })
  ended.catch(() => undefined)
  const stop = () => {
    abort.abort()
    return ended
  }
  t.teardown(() =>
    stop().then(
      () => undefined,
      () => undefined,
    ),
  )
  return { ended, stop }
}

function phaseIs({ home, accountId }: Machine, phase: string) {
  return eventually(
    `${accountId} ${phase}`,
    async () => (await nodeStatus(home))['phase'] === phase || undefined,
    LONG_MS,
  )
}

test('three nodes on a chain - should generate, sign, lose one, refuse wrong shares, recover and sign', async (t) => {
  const { accounts, contractId, call, machine, readState } = await chainWithAccounts(t, ['mpc', 'a', 'b', 'c', 'd'])
  const [, ...operators] = accounts.slice(0, 4)
  const machines = await Promise.all(operators.map(machine))
  const [a, b, c] = machines as [Machine, Machine, Machine]
  const participants: Json = machines.map(({ accountId, config, keys }, id) => [
    accountId,
    id,
    { url: config.url, tls_public_key: keys.tlsPublicKey },
  ])
  await call(contractId, 'init', {
    parameters: { participants: { next_id: 3, participants }, threshold: 2 },
    init_config: { key_event_timeout_blocks: 2_000 },
  })
  const nodes = machines.map((each) => start(t, each))
  const domains: Json = [{ id: 0, protocol: 'Frost', reconstruction_threshold: 2, purpose: 'Sign' }]
  for (const account of operators) await call(account, 'vote_add_domains', { domains })
  const keyset = await eventually('the key', async () => liveKeyset((await readState()).state), LONG_MS)
  t.is(keyset.domains[0]?.commitments?.length, 2)
  const before = await eventually('a signature', () => signMessage(a.home, 0n, MESSAGE), LONG_MS)
  t.true(ed25519.verify(before.signature, MESSAGE, parseEd25519Key(before.publicKey)))

  const backup = newIdentity()
  for (const account of [b.accountId, c.accountId]) {
    const public_key = account === c.accountId ? backup.publicKeyText : newIdentity().publicKeyText
    await call(account, 'register_backup_service', { backup_service_info: { public_key } }, 1n)
  }
  const copy = await eventually('a backup', () => fetchShares(c, backup, stringifyJson(keyset)), LONG_MS)

  const outsider = await machine(accounts[4] ?? '')
  start(t, outsider)
  await phaseIs(outsider, 'awaitingResharing')

  const replacement = await machine(c.accountId)
  const recovering = start(t, replacement)
  await phaseIs(replacement, 'waitingForAuthorization')
  const authorization: Json = {
    tls_public_key: replacement.keys.tlsPublicKey,
    signer_account_pk: replacement.keys.signerPublicKey,
  }
  await call(c.accountId, 'authorize_node', authorization, 1n)
  await phaseIs(replacement, 'awaitingShares')
  const reason = await nodes[2]?.ended
  t.is(reason?.kind, 'superseded', 'the old machine is alive when its account recovers')

  const [share] = copy
  if (share === undefined) throw new TypeError('no share')
  const scalar = share.privateShare.slice()
  scalar[0] = (scalar[0] ?? 0) ^ 1
  const refused = await deliverShares(replacement, backup, [{ ...share, privateShare: scalar }])
  t.is(refused.status, 422)
  t.regex(refused.body, /KEYSHARE_NOT_ON_POLYNOMIAL/)
  t.is((await deliverShares(replacement, backup, copy)).status, 200)
  await phaseIs(replacement, 'participating')
  const { state } = await readState()
  t.is(state.kind, 'Running')
  const entry = participantOf(state, c.accountId)
  t.is(entry?.info.tls_public_key, replacement.keys.tlsPublicKey)
  t.is(entry?.info.incarnation, 1n)

  await nodes[1]?.stop()
  const after = await eventually('a signature', () => signMessage(replacement.home, 0n, MESSAGE), LONG_MS)
  t.is(after.publicKey, before.publicKey)
  t.deepEqual(after.signers, [a.accountId, c.accountId])
  t.deepEqual(await recovering.stop(), { kind: 'stopped' })
})
