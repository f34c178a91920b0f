/**
 * The backup service with the compiled contract on a chain (the localnet, or a real node where NEAR_SANDBOX_BIN_PATH names
 * one), with its own function-call key. Fails if what it sends is not what the contract takes from that key.
 */
import { readFileSync } from 'node:fs'
import test from 'ava'
import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '../../contract/src/access-key-methods.ts'
import { startChain } from '@holdfast/localnet/harness/start-chain.ts'
import { decryptKeyshares, encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { parseKeyset } from '@holdfast/protocol/contract-state.ts'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import { liveKeyset } from '@holdfast/protocol/live-state.ts'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { decodeBase58 } from '@holdfast/protocol/near-key.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { backupStatus } from '../src/backup-status.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { runBackupService } from '../src/run-backup-service.ts'
import { upkeepOfHome } from '../src/upkeep/upkeep-of-home.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { configOf, temporaryDirectory, until } from './support/home.ts'
import { httpAnswer, startNodeServer } from './support/node-server.ts'

const wasm = readFileSync(new URL('../../contract/build/holdfast.wasm', import.meta.url))
const NEAR = 10n ** 24n
const identity = (n: number) => createTlsIdentity(new Uint8Array(32).fill(n))

test('a backup service on a chain - should back up voted keys, restore them, and confirm it with its own key', async (t) => {
  const chain = await startChain()
  const rpc = [chain.rpcUrl]
  const sender = (accountId: string, signerSeed: Uint8Array) => {
    const made = createTransactionSender({ endpoints: rpc, accountId, signerSeed })
    t.teardown(() => made.close())
    return made
  }
  const rootSeed = decodeBase58(chain.root.secretKey.replace('ed25519:', ''))?.subarray(0, 32) ?? new Uint8Array()
  const root = sender(chain.root.accountId, rootSeed)
  const [contractId = '', alice = '', bob = ''] = ['mpc', 'alice', 'bob'].map(
    (name) => `${name}.${chain.root.accountId}`,
  )
  const seeds = new Map([contractId, alice, bob].map((account, i) => [account, new Uint8Array(32).fill(100 + i)]))
  for (const [account, seed] of seeds) {
    const { publicKeyText } = createTlsIdentity(seed)
    await root.send(account, [
      { kind: 'createAccount' },
      { kind: 'transfer', yocto: 20n * NEAR },
      { kind: 'addFullAccessKey', publicKey: publicKeyText },
      ...(account === contractId ? [{ kind: 'deployContract', wasm } as const] : []),
    ])
  }
  const senders = new Map([...seeds].map(([account, seed]) => [account, sender(account, seed)]))
  const call = (account: string, method: string, args: Json, depositYocto = 0n) =>
    senders.get(account)?.send(contractId, [{ kind: 'call', method, args, depositYocto }])
  const reader = createContractReader({ endpoints: rpc, contractId, quorum: 1 })
  const signal = AbortSignal.timeout(60_000)

  const dealt = dealKeyset({ epochId: 0n, threshold: 2, domains: ['Ed25519', 'Secp256k1'] })
  const sharesText = serializeKeyshares(dealt.sharesOf(0))
  const given: string[] = []
  /** How many domains each request was for. */
  const asked: number[] = []
  const server = await startNodeServer((request, socket, channelKey) => {
    if (request.method !== 'GET') return
    const { domains } = parseKeyset(parseJson(request.body, 'the request'), 'the request')
    asked.push(domains.length)
    const wanted = dealt.sharesOf(0).slice(0, domains.length)
    socket.write(httpAnswer('200 OK', encryptKeyshares(serializeKeyshares(wanted), channelKey)))
  })
  const replacement = identity(74)
  const home = await temporaryDirectory(t)
  const config = configOf({
    account_id: alice,
    contract_id: contractId,
    rpc_urls: rpc,
    keyshares_port: server.address.port,
  })
  const keys = await initBackupService({ home, config })

  const participant = (account: string, id: number, key: string): Json => [
    account,
    id,
    { url: 'http://127.0.0.1:3000', tls_public_key: key },
  ]
  const participants = [
    participant(alice, 0, server.address.tlsPublicKey),
    participant(bob, 1, identity(75).publicKeyText),
  ]
  await call(contractId, 'init', { parameters: { participants: { next_id: 2, participants }, threshold: 2 } })
  await senders.get(alice)?.send(alice, [
    {
      kind: 'addFunctionCallKey',
      publicKey: keys.signerPublicKey,
      receiverId: contractId,
      methods: BACKUP_SERVICE_METHODS,
    },
    {
      kind: 'addFunctionCallKey',
      publicKey: identity(76).publicKeyText,
      receiverId: contractId,
      methods: NODE_METHODS,
    },
  ])
  const info = { public_key: keys.tlsPublicKey, signer_account_pk: keys.signerPublicKey }
  await call(alice, 'register_backup_service', { backup_service_info: info }, 1n)

  const stopping = new AbortController()
  const ended = runBackupService({ home, signal: stopping.signal, log: silentLogger })
  t.teardown(async () => {
    stopping.abort()
    await ended
    reader.close()
    await server.close()
    await chain.stop()
  })

  const domains: Json = [
    { id: 0, protocol: 'Frost', reconstruction_threshold: 2, purpose: 'Sign' },
    { id: 1, protocol: 'CaitSith', reconstruction_threshold: 2, purpose: 'Sign' },
  ]
  for (const account of [alice, bob]) await call(account, 'vote_add_domains', { domains })
  for (const { domain_id, key, commitments } of dealt.keyset.domains) {
    const key_event_id = { epoch_id: 0, domain_id, attempt_id: 0 }
    await call(alice, 'start_keygen_instance', { key_event_id })
    const public_key =
      'Ed25519' in key
        ? key.Ed25519.near_public_key_compressed
        : 'Secp256k1' in key
          ? key.Secp256k1.near_public_key
          : ''
    for (const account of [alice, bob]) await call(account, 'vote_pk', { key_event_id, public_key, commitments })
    await until(async () => (await backupStatus(home).catch(() => undefined))?.snapshots === Number(domain_id) + 1)
  }
  const backedUp = await until(async () => {
    const status = await backupStatus(home).catch(() => undefined)
    return status?.level === 'healthy' && !status.generating && status
  }, 20_000)
  t.deepEqual(asked, [1, 2], 'the first key is backed up while the second is generated')
  const { state } = await reader.readView(signal)
  t.is(backedUp.last_backup?.keyset_digest, keysetDigest(liveKeyset(state) ?? dealt.keyset))
  t.true(backedUp.last_backup?.proved_genuine)

  const told = await until(async () => (await backupStatus(home)).checks.receipts.stored ?? false, 30_000)
  t.is(told.outcome, 'recorded', told.failure?.message)
  const upkeep = await upkeepOfHome({ home })
  const checks = await upkeep.perform({ kind: 'drill' }, await upkeep.sight(signal), signal)
  upkeep.close()
  t.is(checks.drill?.failure, null)
  t.is(checks.receipts.drilled?.outcome, 'recorded', checks.receipts.drilled?.failure?.message)
  const receipts = (await reader.viewMethod('backup_receipts', {}, signal)) as Record<string, Record<string, Json>>
  for (const kind of ['stored', 'drilled']) {
    t.like(receipts[alice]?.[kind], {
      kind,
      epoch_id: 0,
      keyset_digest: backedUp.last_backup?.keyset_digest,
      ciphertext_sha256: told.ciphertext_sha256,
    })
  }

  // The node's machine is lost; the same address answers with the new machine's key from here on.
  await server.close()
  const newServer = await startNodeServer(
    (request, socket, channelKey) => {
      given.push(decryptKeyshares(request.body, channelKey))
      // The first delivery comes before this machine has seen that it recovers.
      const early = given.length === 1
      socket.write(
        early ? httpAnswer('409 Conflict', 'Not awaiting keyshares') : httpAnswer('200 OK', 'Keyshares received.'),
      )
    },
    replacement,
    server.address.port,
  )
  t.teardown(() => newServer.close())
  const nodeKey = identity(76).publicKeyText
  await call(alice, 'authorize_node', { tls_public_key: replacement.publicKeyText, signer_account_pk: nodeKey }, 1n)
  const newNode = sender(alice, new Uint8Array(32).fill(76))
  const participant_info = { url: 'http://127.0.0.1:3000', tls_public_key: replacement.publicKeyText }
  await newNode.send(contractId, [
    { kind: 'call', method: 'submit_participant_recovery_info', args: { participant_info } },
  ])
  const delivered = await until(async () => {
    const view = await reader.readView(signal)
    const record = view.state.kind === 'Recovery' ? view.state.state.recovering[alice] : undefined
    return record?.delivered ?? undefined
  }, 20_000)
  t.is(delivered.keyset_digest, keysetDigest(dealt.keyset))
  t.deepEqual(given, [sharesText, sharesText])

  const keyset = (await reader.readView(signal)).stateJson as { Recovery: { previous_running_state: { keyset: Json } } }
  const args = { keyset: keyset.Recovery.previous_running_state.keyset }
  await newNode.send(contractId, [{ kind: 'call', method: 'conclude_recovery', args }])
  const concluded = await until(async () => {
    const status = await backupStatus(home)
    return status.last_restore?.concluded === true && status.level === 'healthy' && status
  }, 20_000)
  t.is(concluded.last_restore?.destination_tls_public_key, replacement.publicKeyText)
  t.is(given.length, 2)
})
