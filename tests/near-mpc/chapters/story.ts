import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Json } from '@holdfast/protocol/json.ts'
import type { BackupService } from '../support/backup-service.ts'
import { admitMachine, initialise } from '../support/contract-calls.ts'
import type { NearMpcPrograms } from '../support/environment.ts'
import { followChain } from '../support/follow-chain.ts'
import { generateKeys, type NetworkKeys } from '../support/keys.ts'
import { presentMachine, startNearMpcNetwork, type NearMpcNetwork, type NearMpcOperator } from '../support/network.ts'
import { startNode } from '../support/nodes.ts'
import { startRpcProxy, type RpcProxy } from '../support/rpc-proxy.ts'
import { startTranscript } from '../support/transcript.ts'

/** What the chapters hand on to each other. */
export type Story = {
  t: ExecutionContext
  network: NearMpcNetwork
  /** Three endpoints of one chain: the node itself, one that hands on, and one that lies when told to. */
  rpcUrls: string[]
  liar: RpcProxy
  /** By the operator's name. */
  services: Map<string, BackupService>
  keys: NetworkKeys
  alice: NearMpcOperator
  bob: NearMpcOperator
  carol: NearMpcOperator
  /** Takes part from the resharing on. */
  dave: NearMpcOperator
}

const PROXY_MACHINE = 251

/** near/mpc's network with its keys, and a node's migration service per operator. */
export async function begin(t: ExecutionContext, programs: NearMpcPrograms): Promise<Story> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-near-mpc-'))
  const ended = new AbortController()
  const transcript = startTranscript(
    "near/mpc's deployed contract on a real NEAR node, with Holdfast's backup services",
  )
  const { signal } = ended
  const network = await startNearMpcNetwork({ directory, programs, operators: 4, transcript, signal })
  const closers: (() => Promise<void>)[] = [() => network.close()]
  t.teardown(async () => {
    for (const close of closers.reverse()) await close()
    ended.abort(new Error('the test has ended'))
    if (t.passed) await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    else t.log(`logs of every process: ${join(directory, 'logs')}`)
  })
  const [alice, bob, carol, dave] = network.operators
  if (!alice || !bob || !carol || !dave) throw new TypeError('the story has four operators')
  const members = [alice, bob, carol]
  await initialise(network, members)
  await Promise.all(members.map((operator) => admitMachine(network, operator, presentMachine(operator))))
  transcript.tell('contract', 'initialised: alice, bob and carol, threshold 2; their nodes are attested')
  const { keys, superseded } = await generateKeys(network, members)
  for (const operator of members) await startNode(network, operator, presentMachine(operator), { keys, superseded })
  closers.push(followChain(network))

  const host = network.devnet.addresses.address(PROXY_MACHINE)
  const { rpcUrl } = network.devnet.chain
  const [honest, liar] = await Promise.all([startRpcProxy(rpcUrl, host), startRpcProxy(rpcUrl, host)])
  closers.push(honest.close, liar.close)
  const rpcUrls = [rpcUrl, honest.url, liar.url]
  return { t, network, rpcUrls, liar, services: new Map(), keys, alice, bob, carol, dave }
}

/** The live keyset as the contract has it, for what must be sent on unchanged. */
export async function liveKeysetJson({ network }: Story): Promise<Json> {
  const state = (await network.stateJson()) as { Running?: { keyset: Json } }
  if (state.Running === undefined) throw new TypeError('the contract is not Running')
  return state.Running.keyset
}

export function serviceOf({ services }: Story, { name }: NearMpcOperator): BackupService {
  const service = services.get(name)
  if (service === undefined) throw new TypeError(`${name} has no backup service`)
  return service
}
