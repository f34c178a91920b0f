import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { sharesJson, type NetworkKeys } from './keys.ts'
import type { NearMpcMachine, NearMpcNetwork, NearMpcOperator } from './network.ts'
import { startPeerNode, type PeerNode } from './peer-node.ts'

export type NodeHoldings = {
  /** What it generated or reshared itself; left out where its disk has it already, or nothing. */
  keys?: NetworkKeys
  /** Shares of attempts that were not adopted. */
  superseded?: NetworkKeys
  /** The live keyset, where it waits for a restore. */
  awaits?: Json
}

/** What the process says once `followChain` has told it what the contract says about its account. */
const REKEYED = 'REKEYED: has read its registration and migration from the chain, connections dropped'

/** Starts the node's process on its machine. What happens to its shares goes into the transcript. */
export async function startNode(
  network: NearMpcNetwork,
  operator: NearMpcOperator,
  machine: NearMpcMachine,
  { keys, superseded, awaits }: NodeHoldings,
): Promise<PeerNode> {
  const { devnet, programs, transcript } = network
  const file = async (name: string, content: string | undefined): Promise<string | undefined> => {
    if (content === undefined) return undefined
    const path = join(devnet.directory, `${machine.name}-${name}.json`)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  machine.process = await startPeerNode({
    program: programs.peerNode,
    address: machine.address,
    port: devnet.ports.keyshares,
    tlsSeed: machine.tls.seed,
    aesKey: machine.aesKey,
    home: join(machine.home, 'mpc'),
    sharesFile: await file('shares', keys && sharesJson(keys, operator)),
    temporarySharesFile: await file('superseded', superseded && sharesJson(superseded, operator)),
    keysetFile: await file('keyset', awaits === undefined ? undefined : stringifyJson(awaits)),
    logFile: join(devnet.directory, 'logs', `node-${machine.name}.log`),
    onLine: (line) => transcript.tell(`node ${machine.name}`, line === 'REKEYED' ? REKEYED : line),
    signal: devnet.signal,
  })
  return machine.process
}

/** What a fire does: kill -9 and the disk gone. */
export async function destroyNode({ transcript }: NearMpcNetwork, machine: NearMpcMachine): Promise<void> {
  await machine.process?.kill()
  machine.process = undefined
  await rm(machine.home, { recursive: true, force: true })
  transcript.tell(`node ${machine.name}`, 'killed with SIGKILL, its disk wiped')
}

/** Ends the process; the disk stays. */
export async function stopNode({ transcript }: NearMpcNetwork, machine: NearMpcMachine): Promise<void> {
  await machine.process?.kill()
  machine.process = undefined
  transcript.tell(`node ${machine.name}`, 'stopped')
}
