import type * as NearApiModule from 'near-api-js'
import type { Json } from '../json.ts'
import type { RpcEndpoint } from './ports.ts'

/** near-api-js, which is loaded only when something is to be signed. */
export type NearApi = typeof NearApiModule

/**
 * near-api-js's provider on our endpoint. Its own transport retries twelve times with growing pauses and no deadline, and
 * knows no abort: here each request is one request, under the endpoint's deadline, and errors are the endpoint's.
 */
export function createNearProvider(
  { JsonRpcProvider }: NearApi,
  endpoint: RpcEndpoint,
  signal: AbortSignal | undefined,
): NearApiModule.JsonRpcProvider {
  const provider = new JsonRpcProvider({ url: '' })
  const send = (method: string, params: Json) => endpoint.call(method, params, signal)
  provider.sendJsonRpc = send as typeof provider.sendJsonRpc
  return provider
}
