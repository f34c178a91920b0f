import { generateKeyPairSync } from 'node:crypto'
import { toBase58 } from './primitives/bytes.ts'
import { BlockTimer } from './chain/block-timer.ts'
import { Chain } from './chain/chain.ts'
import { ROOT_ACCOUNT } from './chain/genesis.ts'
import { ControlServer } from './rpc/control.ts'
import { RpcEndpoint } from './rpc/endpoint.ts'
import { openEngine, type Vm } from './vm/open-engine.ts'

export type LocalnetOptions = {
  /** Milliseconds between blocks. */
  readonly blockMs: number
  readonly host?: string
  /** One endpoint per port; 0 lets the system choose. */
  readonly ports?: readonly number[]
  /** Serves a switchboard for faults, on a port of its own; endpoints can always be made faulty in this process. */
  readonly control?: { readonly port: number }
  /** What executes contracts; `v8` unless given. */
  readonly vm?: Vm
  /** How long a request may wait for its transaction; 10 s unless given, as the node. */
  readonly waitMs?: number
  /** How many blocks a transaction may be older than; as on mainnet unless given. */
  readonly validityBlocks?: number
}

export type RootAccount = { readonly accountId: string; readonly publicKey: string; readonly secretKey: string }

const LOOPBACK = '127.0.0.1'
/** As mainnet has them. */
const VALIDITY_BLOCKS = 86_400
const EPOCH_BLOCKS = 43_200
const KEEP_BLOCKS = 2_500
const FIRST_BLOCKS = 4
const WAIT_MS = 10_000

/** A new Ed25519 key in NEAR's text form: the secret is seed and public key. */
function newKey(): { publicKey: string; secretKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return { publicKey: `ed25519:${toBase58(raw)}`, secretKey: `ed25519:${toBase58(Buffer.concat([seed, raw]))}` }
}

/** A running chain with its endpoints. */
export type Localnet = {
  readonly chain: Chain
  readonly root: RootAccount
  readonly endpoints: readonly RpcEndpoint[]
  readonly control: ControlServer | null
  stop(): Promise<void>
}

/**
 * Starts a chain in this process and serves it on loopback. A failed start leaves nothing behind.
 * @throws NearVmMissing if NEAR's VM is asked for and not built
 */
export async function startLocalnet(options: LocalnetOptions): Promise<Localnet> {
  const key = newKey()
  const engine = openEngine(options.vm ?? 'v8')
  const chain = new Chain({
    chainId: 'localnet',
    rootPublicKey: key.publicKey,
    blockMs: options.blockMs,
    validityBlocks: options.validityBlocks ?? VALIDITY_BLOCKS,
    epochLength: EPOCH_BLOCKS,
    keepBlocks: KEEP_BLOCKS,
    engine,
  })
  const endpoints: RpcEndpoint[] = []
  const timer = new BlockTimer(chain)
  let control: ControlServer | null = null
  const stop = async (): Promise<void> => {
    timer.stop()
    await Promise.all([...endpoints, ...(control === null ? [] : [control])].map((server) => server.close()))
    await engine.close()
  }
  try {
    for (const port of options.ports ?? [0]) {
      const endpoint = new RpcEndpoint(chain, { rootPublicKey: key.publicKey, waitMs: options.waitMs ?? WAIT_MS })
      await endpoint.listen(port, options.host ?? LOOPBACK)
      endpoints.push(endpoint)
    }
    if (options.control !== undefined) {
      control = new ControlServer(chain, endpoints)
      await control.listen(options.control.port, options.host ?? LOOPBACK)
    }
  } catch (error) {
    await stop()
    throw error
  }
  // As after the start of a real node: every finality has a block of its own.
  for (let block = 0; block < FIRST_BLOCKS; block++) chain.produceBlock()
  timer.start()
  return { chain, root: { accountId: ROOT_ACCOUNT, ...key }, endpoints, control, stop }
}
