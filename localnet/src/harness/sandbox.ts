import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { twoFreePorts } from './two-free-ports.ts'

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 5_000

/** Thrown when the sandbox binary does not come up; carries the end of its log. */
export class SandboxError extends Error {
  readonly code = 'SANDBOX_FAILED'
  constructor(message: string) {
    super(message)
    this.name = 'SandboxError'
  }
}

async function run(binary: string, args: readonly string[]): Promise<void> {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, RUST_LOG: 'warn' } })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + String(chunk)).slice(-2_000)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new SandboxError(`${binary} ${args[0]} ended with code ${code}: ${log}`)
}

type Seconds = { secs: number; nanos: number }
const duration = (ms: number): Seconds => ({ secs: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 })

/** Sets the block time: the official flags have no word for it. */
async function setBlockTime(home: string, blockMs: number): Promise<void> {
  const path = join(home, 'config.json')
  const config = JSON.parse(await readFile(path, 'utf8')) as { consensus: Record<string, unknown> }
  config.consensus['min_block_production_delay'] = duration(blockMs)
  config.consensus['max_block_production_delay'] = duration(blockMs)
  config.consensus['max_block_wait_delay'] = duration(blockMs * 3)
  await writeFile(path, JSON.stringify(config, null, 2))
}

async function height(rpcUrl: string): Promise<number> {
  try {
    const response = await fetch(`${rpcUrl}/status`)
    const status = (await response.json()) as { sync_info: { latest_block_height: number } }
    return status.sync_info.latest_block_height
  } catch {
    return 0
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGINT')
  const forced = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await closed
  clearTimeout(forced)
}

export type Sandbox = {
  readonly rpcUrl: string
  readonly root: { readonly accountId: string; readonly publicKey: string; readonly secretKey: string }
  stop(): Promise<void>
}

/**
 * Runs a NEAR node in sandbox mode, started with the official sandbox's flags, on a directory of its own.
 * @param binary path of `near-sandbox` or of a node that takes its flags
 * @throws SandboxError when it does not produce blocks within a minute
 */
export async function startSandbox(binary: string, blockMs: number): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-sandbox-'))
  let child: ChildProcess | null = null
  // A process that ends without having stopped its node, by an error for instance, leaves no node behind.
  const onExit = (): void => {
    child?.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    if (child !== null) await stopChild(child)
    await rm(home, { recursive: true, force: true })
    process.off('exit', onExit)
  }
  try {
    await run(binary, ['--home', home, 'init', '--chain-id', 'localnet'])
    await setBlockTime(home, blockMs)
    const [rpcPort, networkPort] = await twoFreePorts('127.0.0.1')
    const addresses = ['--rpc-addr', `127.0.0.1:${rpcPort}`, '--network-addr', `127.0.0.1:${networkPort}`]
    const started = spawn(binary, ['--home', home, 'run', ...addresses], {
      stdio: 'ignore',
      env: { ...process.env, RUST_LOG: 'error' },
    })
    child = started
    const rpcUrl = `http://127.0.0.1:${rpcPort}`
    const deadline = Date.now() + READY_TIMEOUT_MS
    while ((await height(rpcUrl)) < 3) {
      if (started.exitCode !== null) throw new SandboxError(`${binary} run ended with code ${started.exitCode}`)
      if (Date.now() > deadline) throw new SandboxError(`${binary} made no blocks within ${READY_TIMEOUT_MS} ms`)
      await sleep(50)
    }
    const key = JSON.parse(await readFile(join(home, 'validator_key.json'), 'utf8')) as Record<string, string>
    const { account_id: accountId, public_key: publicKey, secret_key: secretKey } = key
    if (accountId === undefined || publicKey === undefined || secretKey === undefined)
      throw new SandboxError(`${binary} init wrote no complete validator_key.json`)
    return { rpcUrl, root: { accountId, publicKey, secretKey }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
