import { sleep } from '@holdfast/protocol/poll.ts'
import { distinctNames } from '@holdfast/protocol/rpc/endpoint-names.ts'
import { createRpcEndpoint } from '@holdfast/protocol/rpc/near-rpc-endpoint.ts'
import type { RpcEndpoint } from '@holdfast/protocol/rpc/ports.ts'
import { probeEndpoint, type Probe } from '@holdfast/protocol/rpc/probe-endpoint.ts'
import { refuseSeveralChains, refuseWrong } from './probe-refusal.ts'
import type { ProvedEndpoints } from './proved-endpoints.ts'

/** What the probing of one endpoint came to, told on every change. */
export type ProbeReport = { endpoint: string; kind: 'recovered' | 'wrong' | 'unreachable'; detail: string }

export type ProbeSettings = {
  urls: readonly string[]
  contractId: string
  /** From the config; else the chain that the endpoints were first found on. */
  chainId: string | undefined
  proved: ProvedEndpoints
  /** For each question. */
  timeoutMs: number
  againAfterMs?: number
  onProbe: (report: ProbeReport) => void
  signal: AbortSignal
}

const PROBE_AGAIN_MS = 60_000

/**
 * Probes the endpoints at a start. One that never answered rightly and now answers wrongly is a mistake in the config: that
 * is refused. One that cannot be reached may be down, and one that was right once has a provider in trouble, or one that
 * lies: neither may keep the service from starting, so that is told, and asked again until it is right.
 * @returns `ended`, which settles when `signal` aborts or nothing is left to ask
 * @throws HoldfastError `ENDPOINT_NO_NEAR_RPC`, `ENDPOINT_WRONG_CHAIN`, `ENDPOINT_WRONG_CONTRACT`; the signal's reason
 */
export async function probeEndpoints(settings: ProbeSettings): Promise<{ ended: Promise<void> }> {
  const { urls, proved, timeoutMs } = settings
  const endpoints = urls.map((url) => createRpcEndpoint(url, timeoutMs))
  const names = distinctNames(endpoints.map(({ name }) => name))
  const close = (): void => endpoints.forEach((endpoint) => endpoint.close())
  const all = endpoints.map((endpoint, index) => ({ endpoint, url: urls[index] ?? '', name: names[index] ?? '' }))
  const unproved = all.filter(({ url }) => !proved.has(url))
  try {
    const first = new Map<string, Probe>()
    await Promise.all(unproved.map(async (one) => first.set(one.url, await probeOne(one, settings))))
    for (const { url, name } of unproved) refuseWrong(name, first.get(url))
    refuseSeveralChains(unproved.map(({ url, name }) => ({ name, probe: first.get(url) })))
    for (const { url } of unproved) {
      const probe = first.get(url)
      if (probe?.kind === 'right') await proved.add(url, probe.chainId)
    }
    const follow = all.map((one) => untilRight(one, first.get(one.url), settings))
    return { ended: Promise.all(follow).then(close, close) }
  } catch (error) {
    close()
    throw error
  }
}

type Probed = { endpoint: RpcEndpoint; url: string; name: string }

function probeOne({ endpoint }: Probed, { contractId, chainId, proved, signal }: ProbeSettings): Promise<Probe> {
  return probeEndpoint(endpoint, { contractId, chainId: chainId ?? proved.chainId, signal })
}

/** Asks again and again what was not right yet, and tells each change. Never rejects. */
async function untilRight(one: Probed, first: Probe | undefined, settings: ProbeSettings): Promise<void> {
  const { againAfterMs = PROBE_AGAIN_MS, onProbe, proved, signal } = settings
  let said: ProbeReport['kind'] = 'recovered'
  const tell = (kind: ProbeReport['kind'], detail: string): void => {
    if (kind !== said) onProbe({ endpoint: one.name, kind, detail })
    said = kind
  }
  try {
    for (let probe = first ?? (await probeOne(one, settings)); ; probe = await probeOne(one, settings)) {
      if (probe.kind === 'right') {
        tell('recovered', 'it is what the config says')
        return await proved.add(one.url, probe.chainId)
      }
      tell(probe.kind, probe.detail)
      await sleep(againAfterMs, signal)
    }
  } catch (error) {
    // A proof that cannot be written down is made again at the next start.
    if (!signal.aborted) tell(said, String(error))
  }
}
