import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { startDevnet, type Devnet } from '@holdfast/cli/devnet/devnet.ts'
import { compiledContract } from '@holdfast/cli/devnet/contract-wasm.ts'
import { generateKeys, prepareOperators, startEverything, waitForBackups } from '@holdfast/cli/devnet/build-network.ts'
import type { Operator } from '@holdfast/cli/devnet/operator.ts'
import { sandboxBinaryFromEnvironment } from '@holdfast/cli/devnet/sandbox-binary.ts'

export type NetworkSize = {
  nodes: number
  threshold: number
  domains: number
  /** Endpoints of the chain that every service asks, how many it wants to agree, and on how fresh a view; default one. */
  rpc?: { endpoints: number; quorum: number; maxViewAgeSeconds: number }
}

const BLOCK_MS = 100
const POLL_MS = { node: 100, backup: 200 }

/** A chain and operators with accounts, machines and backup services on disk; no process of theirs runs yet. */
export async function prepareNetwork(t: ExecutionContext, { nodes, threshold, rpc }: NetworkSize): Promise<Devnet> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const ended = new AbortController()
  const wasm = await compiledContract(ended.signal)
  const sandboxBinary = await sandboxBinaryFromEnvironment()
  const devnet = await startDevnet({
    directory,
    threshold,
    blockMs: BLOCK_MS,
    sandboxBinary,
    pollMs: POLL_MS,
    ...(rpc !== undefined && {
      rpcEndpoints: rpc.endpoints,
      rpcQuorum: rpc.quorum,
      maxViewAgeSeconds: rpc.maxViewAgeSeconds,
    }),
    signal: ended.signal,
  })
  t.teardown(async () => {
    ended.abort(new Error('the test has ended'))
    await devnet.close()
    if (t.passed) await rm(directory, { recursive: true, force: true })
    else t.log(`logs of every process: ${join(directory, 'logs')}`)
  })
  await prepareOperators(devnet, nodes, wasm.bytes)
  return devnet
}

/** A running network with keys, every share of which is backed up. */
export async function startNetwork(t: ExecutionContext, size: NetworkSize): Promise<Devnet> {
  const devnet = await prepareNetwork(t, size)
  startEverything(devnet)
  await generateKeys(devnet, size.domains)
  await waitForBackups(devnet)
  return devnet
}

/** One operator by its position; there is always one at 0. */
export function operatorAt(devnet: Devnet, index: number): Operator {
  const operator = devnet.operators[index]
  if (operator === undefined) throw new TypeError(`there is no operator ${index}`)
  return operator
}
