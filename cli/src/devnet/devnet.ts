import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import type { ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import { type AddressBlock, claimAddressBlock, freePorts } from './address-block.ts'
import { type Chain, startChain } from './chain.ts'
import { type ChildProcesses, createChildProcesses } from './child-processes.ts'
import type { Operator } from './operator.ts'

/**
 * A whole network on one computer: a chain, a contract, and per operator a node and a backup service, each a process
 * with a disk (a directory) and an address of its own.
 */
export type Devnet = {
  readonly directory: string
  readonly chain: Chain
  readonly contractId: string
  readonly threshold: number
  readonly ports: { mesh: number; keyshares: number }
  readonly rpcQuorum: number
  readonly maxViewAgeSeconds: number
  /** Undefined: the contract's default. */
  readonly keyEventTimeoutBlocks: number | undefined
  readonly pollMs: { node: number; backup: number }
  readonly addresses: AddressBlock
  readonly processes: ChildProcesses
  readonly reader: ReadContract
  readonly operators: Operator[]
  readonly signal: AbortSignal
  /** Ends every process. The files stay. */
  close(): Promise<void>
}

export type DevnetOptions = {
  /** Where all files go; exists. */
  directory: string
  threshold: number
  blockMs: number
  sandboxBinary: string | undefined
  /** How often the services look at the chain; default: as in a fresh config. */
  pollMs?: { node: number; backup: number }
  /** How many endpoints serve the chain, with switches for faults if more than one; only the embedded chain can. */
  rpcEndpoints?: number
  /** How many of them the services want to agree; default 1. */
  rpcQuorum?: number
  /** The services act on no older view; default 300. */
  maxViewAgeSeconds?: number
  /** The contract's account, below the chain's first; default `holdfast`. */
  contractName?: string
  /** How long an attempt at a key may take; default: the contract's. */
  keyEventTimeoutBlocks?: number
  /** Ends every wait. */
  signal: AbortSignal
}

const CHAIN_MACHINE = 250

/** Starts the chain and opens what the other functions of this folder build on. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { directory, signal, rpcEndpoints = 1, contractName = 'holdfast' } = options
  for (const name of ['logs', 'machines', 'backup'])
    await mkdir(join(directory, name), { recursive: true, mode: 0o700 })
  const processes = createChildProcesses()
  let addresses: AddressBlock | undefined
  try {
    addresses = await claimAddressBlock()
    const mesh = await freePorts(4 + rpcEndpoints)
    const chain = await startChain({
      processes,
      directory,
      host: addresses.address(CHAIN_MACHINE),
      ports: { network: mesh + 2, rpc: mesh + 3 },
      rpcEndpoints,
      blockMs: options.blockMs,
      sandboxBinary: options.sandboxBinary,
      signal,
    })
    const contractId = `${contractName}.${chain.root.accountId}`
    const reader = createContractReader({ endpoints: chain.rpcUrls.slice(0, 1), contractId, quorum: 1 })
    const held = addresses
    return {
      directory,
      chain,
      contractId,
      threshold: options.threshold,
      ports: { mesh, keyshares: mesh + 1 },
      rpcQuorum: options.rpcQuorum ?? 1,
      maxViewAgeSeconds: options.maxViewAgeSeconds ?? 300,
      keyEventTimeoutBlocks: options.keyEventTimeoutBlocks,
      pollMs: options.pollMs ?? { node: 250, backup: 1_000 },
      addresses,
      processes,
      reader,
      operators: [],
      signal,
      async close() {
        reader.close()
        await processes.endAll()
        held.release()
      },
    }
  } catch (error) {
    await processes.endAll()
    addresses?.release()
    throw error
  }
}
