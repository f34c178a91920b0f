import { HoldfastError } from '../errors.ts'
import type { RpcEndpoint } from './ports.ts'

/** Endpoints in the order in which to try them. */
export type EndpointRoute = {
  best(): RpcEndpoint
  /** All of them, best first. */
  endpoints(): RpcEndpoint[]
  /** Puts one that failed last, so that it is not waited for again while another answers. */
  demote(endpoint: RpcEndpoint): void
}

/** A route through endpoints in the given order. @throws HoldfastError `INVALID_ENDPOINT` if there is none. */
export function createEndpointRoute(endpoints: readonly RpcEndpoint[]): EndpointRoute {
  let route = [...endpoints]
  const best = (): RpcEndpoint => {
    const [first] = route
    if (first === undefined) throw new HoldfastError('INVALID_ENDPOINT', 'no RPC endpoint is configured')
    return first
  }
  best()
  return {
    best,
    endpoints: () => [...route],
    demote(endpoint) {
      route = [...route.filter((other) => other !== endpoint), endpoint]
    },
  }
}
