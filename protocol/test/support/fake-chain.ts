import { stringifyJson, type Json } from '../../src/json.ts'
import type { FakeRpc, RpcReply, RpcRequest } from './fake-rpc.ts'

const BLOCK_MS = 600

/** A chain that several fake endpoints serve, each up to its own head. */
export type FakeChain = {
  /** Newest height; block n was made at `startMs + n · 600 ms`. */
  height: number
  startMs: number
  /** What each view returns, as of a height. */
  view: (method: string, height: number) => Json
}

export type Fault = {
  /** Blocks behind the newest. */
  behind?: number
  /** Replaces the answer to a view. */
  forgeView?: (method: string, height: number) => Json
  /** Changes the block that is named as final. */
  forgeBlock?: (block: { height: number; hash: string; timestampMs: number }) => {
    height: number
    hash: string
    timestampMs: number
  }
  delayMs?: number
  down?: 'hang' | 'reset' | { status: number }
}

/** An endpoint's behaviour over `chain`; `fault` may be changed while it runs. */
export function serveChain(chain: FakeChain, fault: Fault = {}): FakeRpc['answer'] {
  return async (request) => {
    if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
    return fault.down ?? answer(chain, fault, request)
  }
}

export function blockHash(height: number): string {
  return `hash${height}`
}

function answer(chain: FakeChain, fault: Fault, { method, params }: RpcRequest): RpcReply {
  const head = chain.height - (fault.behind ?? 0)
  const asked = params.block_id === undefined ? head : Number(String(params.block_id).replace('hash', ''))
  const block = { height: asked, hash: blockHash(asked), timestampMs: chain.startMs + asked * BLOCK_MS }
  if (!(asked <= head)) return { error: { cause: { name: 'UNKNOWN_BLOCK', info: {} }, data: 'DB Not Found Error' } }
  if (method === 'block') return { result: header(fault.forgeBlock?.(block) ?? block) }
  const view = String(params.method_name)
  const returned = (fault.forgeView ?? chain.view)(view, asked)
  return {
    result: {
      block_hash: String(params.block_id),
      block_height: asked,
      logs: [],
      result: [...Buffer.from(stringifyJson(returned))],
    },
  }
}

function header({ height, hash, timestampMs }: { height: number; hash: string; timestampMs: number }): Json {
  const timestamp_nanosec = `${timestampMs}000000`
  return { header: { height, hash, timestamp_nanosec, timestamp: BigInt(timestamp_nanosec) } }
}
