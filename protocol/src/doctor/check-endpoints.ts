import { errorMessage } from '../errors.ts'
import { distinctNames } from '../rpc/endpoint-names.ts'
import { createRpcEndpoint } from '../rpc/near-rpc-endpoint.ts'
import { probeEndpoint, type Probe } from '../rpc/probe-endpoint.ts'
import { ONE_ENDPOINT_IS_BELIEVED } from '../rpc/quorum-size.ts'
import { doubtful, well, wrong, type Finding } from './finding.ts'

export type EndpointsToCheck = {
  rpcUrls: readonly string[]
  contractId: string
  /** What each must follow; undefined where any chain will do, if it is the same. */
  chainId: string | undefined
  /** For each question, in milliseconds. */
  timeoutMs: number
}

type Probed = { name: string; answer: Probe }

/** What each RPC endpoint says of itself: one finding an endpoint, and one more where they follow several chains. */
export async function checkEndpoints(settings: EndpointsToCheck, signal: AbortSignal): Promise<Finding[]> {
  const names = distinctNames(settings.rpcUrls.map((url) => new URL(url).host))
  const probed = await Promise.all(
    settings.rpcUrls.map(async (url, index) => ({
      name: names[index] ?? '',
      answer: await probe(url, settings, signal),
    })),
  )
  return [...probed.map(judged), ...oneChain(probed)]
}

/** A single endpoint is believed: worth a warning where what it says is worth money. */
export function checkNumber(rpcUrls: readonly string[]): Finding {
  const check = 'RPC endpoints'
  if (rpcUrls.length > 1) return well(check, `${rpcUrls.length}, of which a majority must agree`)
  return doubtful(check, ONE_ENDPOINT_IS_BELIEVED, 'add endpoints of other providers to rpc_urls, and raise rpc_quorum')
}

async function probe(
  url: string,
  { contractId, chainId, timeoutMs }: EndpointsToCheck,
  signal: AbortSignal,
): Promise<Probe> {
  const endpoint = createRpcEndpoint(url, timeoutMs)
  try {
    return await probeEndpoint(endpoint, { contractId, chainId, signal })
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'unreachable', detail: errorMessage(error) }
  } finally {
    endpoint.close()
  }
}

function judged({ name, answer }: Probed): Finding {
  const check = `RPC ${name}`
  switch (answer.kind) {
    case 'right':
      return well(check, answer.chainId === undefined ? 'answers' : `answers, chain ${answer.chainId}`)
    case 'unreachable':
      return doubtful(check, answer.detail, 'see whether it is down; have endpoints of several providers')
    case 'wrong':
      return wrong(check, answer.detail, WHAT_IS_WRONG[answer.fault])
    default:
      answer satisfies never
      throw new TypeError('unknown probe')
  }
}

const WHAT_IS_WRONG = {
  'no-near-rpc':
    'name the URL of a NEAR JSON-RPC provider in rpc_urls; your MPC node is none, neither its web port nor its key-share port',
  'wrong-chain': 'name an endpoint of the right chain in rpc_urls, or correct chain_id',
  'wrong-contract': 'correct contract_id; if that is right, name another endpoint in rpc_urls',
} as const

function oneChain(probed: readonly Probed[]): Finding[] {
  const chains = new Set(
    probed.flatMap(({ answer }) => ('chainId' in answer && answer.chainId ? [answer.chainId] : [])),
  )
  if (chains.size < 2) return []
  return [wrong('one chain', `they follow ${[...chains].join(' and ')}`, 'name endpoints of one network only')]
}
