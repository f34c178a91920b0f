import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { checkClock } from '@holdfast/protocol/doctor/check-clock.ts'
import { checkEndpoints } from '@holdfast/protocol/doctor/check-endpoints.ts'
import { contractUnread } from '@holdfast/protocol/doctor/contract-unread.ts'
import { well, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { NodeConfig } from '../config/config.ts'
import { LIMITS } from '../limits.ts'

export type ChainFacts = { findings: Finding[]; reader: ReadContract; view: ContractView | undefined }

/** What the RPC endpoints say, each by itself and together, and how this machine's clock compares. */
export async function checkChain(config: NodeConfig, signal: AbortSignal): Promise<ChainFacts> {
  const { rpc_urls: rpcUrls, contract_id: contractId } = config
  const settings = { rpcUrls, contractId, chainId: undefined, timeoutMs: LIMITS.viewMs }
  const findings = await checkEndpoints(settings, signal)
  const reader = createContractReader({
    endpoints: rpcUrls,
    contractId,
    quorum: config.rpc_quorum,
    maxViewAgeMs: config.max_view_age_seconds * 1000,
    requestTimeoutMs: LIMITS.viewMs,
  })
  try {
    const view = await reader.readView(signal)
    const agreed = `agreed by ${config.rpc_quorum} of ${rpcUrls.length} at block ${view.block.height}`
    findings.push(well('contract', `${view.state.kind}, ${agreed}`))
    findings.push(checkClock(view.block.timestampMs, Date.now()))
    return { findings, reader, view }
  } catch (error) {
    findings.push(contractUnread(error))
    return { findings, reader, view: undefined }
  }
}
