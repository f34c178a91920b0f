import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '@holdfast/protocol/json.ts'
import { type NearCredentials, readNearCredentials } from '../near/credentials.ts'
import { expectRunning, holdfastCommand, type ChildProcess, type ChildProcesses } from './child-processes.ts'
import { initSandbox, sandboxCommand } from './sandbox-binary.ts'
import { waitUntil } from './wait-until.ts'

/** A NEAR chain of one's own in a process of its own. */
export type Chain = {
  readonly kind: 'embedded localnet' | 'NEAR sandbox binary'
  readonly rpcUrl: string
  /** Every endpoint of the chain; `rpcUrl` is the first. */
  readonly rpcUrls: readonly string[]
  /** Where faults of the endpoints are switched, if the chain was started with several; see localnet/README.md. */
  readonly controlUrl: string | undefined
  /** The account that owns everything at the start. */
  readonly root: NearCredentials
  readonly process: ChildProcess
}

export type ChainOptions = {
  processes: ChildProcesses
  directory: string
  /** Loopback address of the chain. */
  host: string
  ports: { rpc: number; network: number }
  /** Served at `ports.rpc` and the ports after it. */
  rpcEndpoints: number
  blockMs: number
  /** Path of an official sandbox binary; undefined: the embedded chain. */
  sandboxBinary: string | undefined
  signal: AbortSignal
}

/** Starts the chain and waits for its first blocks. */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const { processes, directory, host, ports, rpcEndpoints, blockMs, sandboxBinary, signal } = options
  const home = join(directory, 'chain')
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (sandboxBinary !== undefined) await initSandbox({ binary: sandboxBinary, home, blockMs })
  const command =
    sandboxBinary === undefined
      ? holdfastCommand('localnet', ...localnetArguments(options, home))
      : sandboxCommand({ binary: sandboxBinary, home, host, ports })
  const process = processes.start({ name: 'chain', ...command, logFile: join(directory, 'logs', 'chain.log') })
  const urlAt = (index: number): string => `http://${host}:${ports.rpc + index}`
  const rpcUrl = urlAt(0)
  const root = await waitUntil(
    'the first blocks of the chain',
    async () => {
      expectRunning(process)
      return (await hasBlocks(rpcUrl, signal)) ? readNearCredentials(join(home, 'validator_key.json')) : undefined
    },
    { deadlineMs: 60_000, signal },
  )
  return {
    kind: sandboxBinary === undefined ? 'embedded localnet' : 'NEAR sandbox binary',
    rpcUrl,
    rpcUrls: Array.from({ length: rpcEndpoints }, (_, index) => urlAt(index)),
    controlUrl: rpcEndpoints > 1 ? urlAt(rpcEndpoints) : undefined,
    root,
    process,
  }
}

/** True once there is a final block that is not the genesis: transactions can refer to it. */
async function hasBlocks(rpcUrl: string, signal: AbortSignal): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'block', params: { finality: 'final' } })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(rpcUrl, { method: 'POST', headers, body, signal })
  const answer = parseJson(await response.text(), 'the answer to block') as {
    result?: { header: { height: number; prev_height: number | null } }
  }
  const header = answer.result?.header
  return header !== undefined && header.prev_height !== null && header.prev_height > 0
}

function localnetArguments({ host, ports, rpcEndpoints, blockMs }: ChainOptions, home: string): string[] {
  const where = ['--home', home, '--host', host, '--port', String(ports.rpc)]
  const endpoints = rpcEndpoints > 1 ? ['--endpoints', String(rpcEndpoints), '--faults'] : []
  return [...where, ...endpoints, '--block-ms', String(blockMs)]
}
