import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Probe, ProbeFault } from '@holdfast/protocol/rpc/probe-endpoint.ts'

const ERROR_OF: Record<ProbeFault, string> = {
  'no-near-rpc': 'ENDPOINT_NO_NEAR_RPC',
  'wrong-chain': 'ENDPOINT_WRONG_CHAIN',
  'wrong-contract': 'ENDPOINT_WRONG_CONTRACT',
}

/** @throws HoldfastError `ENDPOINT_*` where the endpoint of this name was found to be wrong */
export function refuseWrong(name: string, probe: Probe | undefined): void {
  if (probe?.kind !== 'wrong') return
  throw new HoldfastError(
    ERROR_OF[probe.fault],
    `refusing the RPC endpoint ${name}: ${probe.detail}; correct rpc_urls, contract_id or chain_id (backup init: --rpc, ` +
      '--contract, --chain-id)',
  )
}

/** Where the config names no chain, the endpoints must at least be of one. @throws HoldfastError `ENDPOINT_WRONG_CHAIN` */
export function refuseSeveralChains(found: readonly { name: string; probe: Probe | undefined }[]): void {
  const chains = found.flatMap(({ name, probe }) =>
    probe === undefined || probe.kind === 'unreachable' || probe.chainId === undefined
      ? []
      : [{ name, chainId: probe.chainId }],
  )
  const other = chains.find(({ chainId }) => chainId !== chains[0]?.chainId)
  if (other === undefined || chains[0] === undefined) return
  throw new HoldfastError(
    'ENDPOINT_WRONG_CHAIN',
    `refusing RPC endpoints of different chains: ${chains[0].name} follows ${chains[0].chainId}, ${other.name} follows ` +
      `${other.chainId}; correct rpc_urls, and say which chain is meant with chain_id (backup init: --rpc, --chain-id)`,
  )
}
