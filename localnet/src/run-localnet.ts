import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { buildNearVm } from '../near-vm/build.ts'
import { startLocalnet, type Localnet } from './localnet.ts'
import { VMS, type Vm } from './vm/open-engine.ts'

export type RunLocalnetOptions = {
  readonly host: string
  /** Of the first endpoint; the others and the switchboard get the ports after it, or any when it is 0. */
  readonly port: number
  readonly blockMs: number
  /** How many addresses serve the chain. */
  readonly endpoints: number
  /** Whether faults can be switched on over HTTP. */
  readonly faults: boolean
  /** What executes contracts. NEAR's own VM is built first where that has not happened. */
  readonly vm: Vm
  /** Directory for the root account's key file, `validator_key.json`. Nothing else is kept: the chain is in memory. */
  readonly home: string
  /** Ends the chain. */
  readonly signal: AbortSignal
  readonly onReady: (running: RunningLocalnet) => void
}

/** What a user must know to use a running chain. */
export type RunningLocalnet = {
  readonly rpcUrls: readonly string[]
  readonly controlUrl: string | null
  readonly rootAccountId: string
  readonly keyFile: string
}

/** Thrown when the chain cannot be started; `code` is for programs, the message for people. */
export class LocalnetStartError extends Error {
  readonly code: 'PORT_IN_USE' | 'ADDRESS_UNAVAILABLE' | 'INVALID_OPTION' | 'NEAR_VM_UNAVAILABLE'
  constructor(code: LocalnetStartError['code'], message: string) {
    super(message)
    this.name = 'LocalnetStartError'
    this.code = code
  }
}

function checkOptions({ port, blockMs, endpoints, faults, vm }: RunLocalnetOptions): void {
  if (!VMS.includes(vm))
    throw new LocalnetStartError('INVALID_OPTION', `vm must be one of ${VMS.join(', ')}, found ${String(vm)}`)
  const last = port + endpoints - 1 + (faults ? 1 : 0)
  if (!Number.isInteger(blockMs) || blockMs < 1)
    throw new LocalnetStartError('INVALID_OPTION', `block time must be at least 1 ms, found ${blockMs}`)
  if (!Number.isInteger(endpoints) || endpoints < 1)
    throw new LocalnetStartError('INVALID_OPTION', `a chain needs at least one endpoint, found ${endpoints}`)
  if (!Number.isInteger(port) || port < 0 || last > 65_535)
    throw new LocalnetStartError('INVALID_OPTION', `ports ${port} to ${last} are not all between 0 and 65535`)
}

async function start(options: RunLocalnetOptions): Promise<Localnet> {
  const { host, port, endpoints, blockMs, faults, vm } = options
  const portAt = (index: number): number => (port === 0 ? 0 : port + index)
  try {
    return await startLocalnet({
      host,
      blockMs,
      vm,
      ports: Array.from({ length: endpoints }, (_, index) => portAt(index)),
      ...(faults ? { control: { port: portAt(endpoints) } } : {}),
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new LocalnetStartError(
        'PORT_IN_USE',
        `cannot listen on ${host}, port ${port} or one after it: in use by another program; choose another port`,
      )
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new LocalnetStartError('ADDRESS_UNAVAILABLE', `cannot listen on ${host}: this machine has no such address`)
    throw error
  }
}

async function provideNearVm(): Promise<void> {
  const problem = await buildNearVm().then(
    ({ kind }) => (kind === 'built' ? null : "it is built with cargo (Rust), which is not on this machine's PATH"),
    (error: Error) => error.message,
  )
  if (problem !== null)
    throw new LocalnetStartError(
      'NEAR_VM_UNAVAILABLE',
      `cannot run contracts in NEAR's own VM: ${problem}; leave --vm out to run them in V8`,
    )
}

/**
 * Runs a chain until the signal: `holdfast localnet` without its command line. Writes the root account's key in the
 * form of a NEAR node's key file, readable by its owner only.
 * @throws LocalnetStartError
 */
export async function runLocalnet(options: RunLocalnetOptions): Promise<void> {
  checkOptions(options)
  if (options.vm !== 'v8') await provideNearVm()
  const localnet = await start(options)
  try {
    const { accountId, publicKey, secretKey } = localnet.root
    const keyFile = join(options.home, 'validator_key.json')
    await mkdir(options.home, { recursive: true, mode: 0o700 })
    const key = { account_id: accountId, public_key: publicKey, secret_key: secretKey }
    await writeDurably(keyFile, `${JSON.stringify(key, null, 2)}\n`)
    options.onReady({
      rpcUrls: localnet.endpoints.map(({ url }) => url),
      controlUrl: localnet.control?.url ?? null,
      rootAccountId: accountId,
      keyFile,
    })
    if (!options.signal.aborted) await once(options.signal, 'abort')
  } finally {
    await localnet.stop()
  }
}
