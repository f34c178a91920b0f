import type { Chain } from '../chain/chain.ts'

/** What a method works with: the chain, and how this endpoint looks at it. */
export type RpcContext = {
  readonly chain: Chain
  /** Blocks this endpoint is behind the chain. */
  readonly lag: number
  /** How long a request may wait for its transaction, milliseconds. */
  readonly waitMs: number
  /** `127.0.0.1:port` of the endpoint asked. */
  readonly address: string
  readonly rootPublicKey: string
  /** Aborted when the client goes away or the endpoint closes. */
  readonly signal: AbortSignal
}

/** One JSON-RPC method: takes `params` as sent, returns `result`, throws RpcError. */
export type RpcMethod = (params: unknown, context: RpcContext) => unknown
export type RpcMethods = Readonly<Record<string, RpcMethod>>
