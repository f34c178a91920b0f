import type { MigrationInfo, NodeAuthorization, ProtocolState } from '../contract-state.ts'
import type { Json } from '../json.ts'

/** A final block that enough endpoints agree on. `timestampMs` in milliseconds since the epoch. */
export type BlockReference = { height: bigint; hash: string; timestampMs: number }

/** The contract as of one final block. `stateJson` is the view's own JSON, for who must send it on unchanged. */
export type ContractView = {
  block: BlockReference
  state: ProtocolState
  migrationInfo: MigrationInfo
  stateJson: Json
}

/** Reads final state that a quorum of endpoints agrees on. Errors: see contract-reader.ts. */
export interface ReadContract {
  /** State and migration info at the newest agreed block; the same object as last time if no newer block is there. */
  readView(signal: AbortSignal): Promise<ContractView>
  readAuthorization(accountId: string, signal: AbortSignal): Promise<NodeAuthorization>
  /** Any view method; the JSON it returned. */
  viewMethod(method: string, args: Json, signal: AbortSignal): Promise<Json>
  close(): void
}

/** One JSON-RPC endpoint. */
export interface RpcEndpoint {
  /** Its host (and port), the only part of its URL that may be shown: paths and queries hold API keys. */
  readonly name: string
  /**
   * @throws HoldfastError `RPC_UNAVAILABLE` if no answer came (refused, reset, deadline, not JSON, status 429 or 5xx),
   * RpcError if the endpoint answered with an error; the signal's reason.
   */
  call(method: string, params: Json, signal: AbortSignal | undefined): Promise<Json>
  close(): void
}

/** What was learnt about one endpoint; told on every change of `kind` for that endpoint, from `recovered` at the start. */
export type EndpointEvent = {
  /** Host (and port). */
  endpoint: string
  kind: 'lied' | 'lagging' | 'unreachable' | 'recovered'
  detail: string
}

export type CallOptions = {
  signal?: AbortSignal | undefined
  /** Attached deposit in yoctoNEAR (10^-24 NEAR); default 0. */
  depositYocto?: bigint | undefined
  /** Prepaid gas in Tgas; default 300. */
  gasTgas?: number | undefined
}

export type CallOutcome = {
  transactionHash: string
  /** What the method returned, or null where it returned nothing. */
  returned: Json
  logs: string[]
  gasBurntTgas: number
}

/** Changes the contract. Errors: see contract-client.ts. */
export interface CallContract {
  call(method: string, args: Json, options?: CallOptions): Promise<CallOutcome>
  close(): void
}
