import { distinctNames } from '@holdfast/protocol/rpc/endpoint-names.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { probeEndpoint } from '@holdfast/protocol/rpc/probe-endpoint.ts'
import { refuseSeveralChains, refuseWrong } from './probe-refusal.ts'

export type FindChainOptions = {
  urls: readonly string[]
  contractId: string
  chainId: string | undefined
  timeoutMs: number
  signal: AbortSignal
}

/**
 * The chain that the endpoints follow, for the config. A contract that is not there yet is only noted: a network may be set
 * up after its backup services. So is an endpoint that cannot be reached. `chainId` is undefined where nobody said it.
 * @throws HoldfastError `ENDPOINT_NO_NEAR_RPC`, `ENDPOINT_WRONG_CHAIN`
 */
export async function findChain(options: FindChainOptions): Promise<{ chainId: string | undefined; notes: string[] }> {
  const endpoints = options.urls.map((url) => createRpcEndpoint(url, options.timeoutMs))
  const names = distinctNames(endpoints.map(({ name }) => name))
  try {
    const found = await Promise.all(
      endpoints.map(async (endpoint, index) => ({
        name: names[index] ?? '',
        probe: await probeEndpoint(endpoint, options),
      })),
    )
    for (const { name, probe } of found)
      if (probe.kind === 'wrong' && probe.fault !== 'wrong-contract') refuseWrong(name, probe)
    refuseSeveralChains(found)
    const chains = found.map(({ probe }) => (probe.kind === 'unreachable' ? undefined : probe.chainId))
    return {
      chainId: options.chainId ?? chains.find((chain) => chain !== undefined),
      notes: found.flatMap(({ name, probe }) => (probe.kind === 'right' ? [] : [`${name}: ${probe.detail}`])),
    }
  } finally {
    for (const endpoint of endpoints) endpoint.close()
  }
}
