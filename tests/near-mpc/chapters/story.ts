import type { Json } from '@holdfast/protocol/json.ts'
import type { BackupService } from '../support/backup-service.ts'
import { admitMachine, initialise } from '../support/contract-calls.ts'
import type { NearMpcPrograms } from '../support/environment.ts'
import { followChain } from '../support/follow-chain.ts'
import { generateKeys, type NetworkKeys } from '../support/keys.ts'
import { presentMachine, startNearMpcNetwork, type NearMpcNetwork, type NearMpcOperator } from '../support/network.ts'
import { startNode } from '../support/nodes.ts'
import { startRpcProxy, type RpcProxy } from '../support/rpc-proxy.ts'
import type { Transcript } from '../support/transcript.ts'

/** What the chapters hand on to each other. */
export type Story = {
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

export type StoryOptions = {
  /** Where all files go; exists. */
  directory: string
  programs: NearMpcPrograms
  transcript: Transcript
  /** Told of everything that is to be closed, as it opens: the last first. */
  onOpen: (close: () => Promise<void>) => void
  signal: AbortSignal
}

/** near/mpc's network with its keys, and a node's migration service per operator. */
export async function begin({ onOpen, ...options }: StoryOptions): Promise<Story> {
  const { transcript } = options
  const network = await startNearMpcNetwork({ ...options, operators: 4 })
  onOpen(() => network.close())
  const [alice, bob, carol, dave] = network.operators
  if (!alice || !bob || !carol || !dave) throw new TypeError('the story has four operators')
  const members = [alice, bob, carol]
  await initialise(network, members)
  await Promise.all(members.map((operator) => admitMachine(network, operator, presentMachine(operator))))
  transcript.tell('contract', 'initialised: alice, bob and carol, threshold 2; their nodes are attested')
  const { keys, superseded } = await generateKeys(network, members)
  for (const operator of members) await startNode(network, operator, presentMachine(operator), { keys, superseded })
  onOpen(followChain(network))

  const host = network.devnet.addresses.address(PROXY_MACHINE)
  const { rpcUrl } = network.devnet.chain
  const [honest, liar] = await Promise.all([startRpcProxy(rpcUrl, host), startRpcProxy(rpcUrl, host)])
  for (const { close } of [honest, liar]) onOpen(close)
  const rpcUrls = [rpcUrl, honest.url, liar.url]
  return { network, rpcUrls, liar, services: new Map(), keys, alice, bob, carol, dave }
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
