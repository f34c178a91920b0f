import { createContractReader } from '@holdfast/protocol/contract-reader.ts'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import { probeEndpoint, type Probe } from '@holdfast/protocol/rpc/probe-endpoint.ts'
import type { ContractView, ReadContract } from '@holdfast/protocol/rpc/ports.ts'
import type { NodeConfig } from '../config/config.ts'
import { LIMITS } from '../limits.ts'
import { doubtful, failed, well, wrong, type Finding } from './finding.ts'

export type ChainFacts = { findings: Finding[]; reader: ReadContract; view: ContractView | undefined }

/** What the RPC endpoints say, each by itself and together, and how this machine's clock compares. */
export async function checkChain(config: NodeConfig, signal: AbortSignal): Promise<ChainFacts> {
  const probes = await Promise.all(config.rpc_urls.map((url) => probe(url, config, signal)))
  const findings = probes.map(({ name, answer }) => judged(name, answer))
  const chains = new Set(
    probes.flatMap(({ answer }) => ('chainId' in answer && answer.chainId ? [answer.chainId] : [])),
  )
  if (chains.size > 1) {
    findings.push(wrong('one chain', `they follow ${[...chains].join(' and ')}`, 'name endpoints of one network only'))
  }
  const reader = createContractReader({
    endpoints: config.rpc_urls,
    contractId: config.contract_id,
    quorum: config.rpc_quorum,
    maxViewAgeMs: config.max_view_age_seconds * 1000,
    requestTimeoutMs: LIMITS.viewMs,
  })
  try {
    const view = await reader.readView(signal)
    const { height } = view.block
    findings.push(
      well(
        'contract',
        `${view.state.kind}, agreed by ${config.rpc_quorum} of ${config.rpc_urls.length} at block ${height}`,
      ),
    )
    findings.push(clock(view.block.timestampMs, Date.now()))
    return { findings, reader, view }
  } catch (error) {
    findings.push(failed('contract', error, 'compare contract_id and rpc_urls with those of the other operators'))
    return { findings, reader, view: undefined }
  }
}

/** A final block is seconds old: what is far from that is this machine's clock, or all endpoints behind. */
export function clock(blockMs: number, nowMs: number): Finding {
  const age = nowMs - blockMs
  const text = `${(age / 1000).toFixed(1)} s after the newest final block`
  if (age < -1_000) return wrong('clock', text, "this machine's clock is behind: set it by NTP")
  if (age > LIMITS.clockOffMs) {
    return doubtful(
      'clock',
      text,
      "set this machine's clock by NTP, or look at why the chain or its endpoints stand still",
    )
  }
  return well('clock', text)
}

async function probe(
  url: string,
  { contract_id }: NodeConfig,
  signal: AbortSignal,
): Promise<{ name: string; answer: Probe }> {
  const endpoint = createRpcEndpoint(url, LIMITS.viewMs)
  try {
    return {
      name: endpoint.name,
      answer: await probeEndpoint(endpoint, { contractId: contract_id, chainId: undefined, signal }),
    }
  } catch (error) {
    return { name: endpoint.name, answer: { kind: 'unreachable', detail: errorMessage(error) } }
  } finally {
    endpoint.close()
  }
}

function judged(name: string, answer: Probe): Finding {
  const check = `RPC ${name}`
  switch (answer.kind) {
    case 'right':
      return well(check, answer.chainId === undefined ? 'answers' : `answers, chain ${answer.chainId}`)
    case 'unreachable':
      return doubtful(check, answer.detail, 'see whether it is down; have endpoints of several providers')
    case 'wrong':
      return wrong(check, answer.detail, 'name another endpoint in rpc_urls')
    default:
      answer satisfies never
      throw new TypeError('unknown probe')
  }
}
