import { startLocalnet } from '../localnet.ts'
import { VMS, type Vm } from '../vm/open-engine.ts'
import { startSandbox } from './sandbox.ts'

const LOCALNET_BLOCK_MS = 20
const SANDBOX_BLOCK_MS = 100

/** A chain for a test or a demo, whichever runs it. */
export type TestChain = {
  readonly kind: 'localnet' | 'sandbox'
  readonly rpcUrl: string
  readonly blockMs: number
  /** Owns 10^9 NEAR; secret in near-api-js's text form. */
  readonly root: { readonly accountId: string; readonly secretKey: string }
  /** Moves height and block time on by `blocks` blocks. */
  fastForward(blocks: number): Promise<void>
  stop(): Promise<void>
}

/** Thrown when a chain refuses what only a test chain does, such as a fast-forward. */
export class ChainCallError extends Error {
  readonly code = 'CHAIN_CALL_FAILED'
  constructor(message: string) {
    super(message)
    this.name = 'ChainCallError'
  }
}

async function callSandbox(rpcUrl: string, method: string, params: object): Promise<void> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'holdfast', method, params }),
  })
  const answer = (await response.json()) as { error?: { message?: string; data?: unknown } }
  if (answer.error !== undefined)
    throw new ChainCallError(`${method} failed: ${String(answer.error.data ?? answer.error.message)}`)
}

/** What HOLDFAST_VM asks for. @throws TypeError if that is no engine */
export function vmOfEnvironment(): Vm | undefined {
  const wanted = process.env['HOLDFAST_VM']
  if (wanted === undefined || wanted === '') return undefined
  const vm = VMS.find((known) => known === wanted)
  if (vm === undefined) throw new TypeError(`HOLDFAST_VM must be one of ${VMS.join(', ')}, found ${wanted}`)
  return vm
}

/**
 * Starts a chain: the localnet in this process, or the official sandbox where NEAR_SANDBOX_BIN_PATH names its binary.
 * @param options.blockMs milliseconds between blocks; by default short: 20 on the localnet, 100 on the sandbox
 * @param options.vm what executes contracts on the localnet; by default what HOLDFAST_VM says, and else `v8`
 */
export async function startChain(options: { blockMs?: number; vm?: Vm } = {}): Promise<TestChain> {
  const binary = process.env['NEAR_SANDBOX_BIN_PATH']
  if (binary !== undefined && binary !== '') {
    const blockMs = options.blockMs ?? SANDBOX_BLOCK_MS
    const sandbox = await startSandbox(binary, blockMs)
    const fastForward = (blocks: number): Promise<void> =>
      callSandbox(sandbox.rpcUrl, 'sandbox_fast_forward', { delta_height: blocks })
    return { kind: 'sandbox', blockMs, ...sandbox, fastForward }
  }
  const blockMs = options.blockMs ?? LOCALNET_BLOCK_MS
  const localnet = await startLocalnet({ blockMs, vm: options.vm ?? vmOfEnvironment() ?? 'v8' })
  const rpcUrl = localnet.endpoints[0]?.url ?? ''
  const fastForward = (blocks: number): Promise<void> =>
    callSandbox(rpcUrl, 'sandbox_fast_forward', { delta_height: blocks })
  return { kind: 'localnet', blockMs, rpcUrl, root: localnet.root, fastForward, stop: localnet.stop }
}
