import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'

/** One final state, as several RPC endpoints tell it, each with faults of its own. */
export type RpcStub = {
  urls: string[]
  /** What the contract's views return from now on, in a new final block. */
  show(state: Json, migrationInfo: Json): void
  /** What another view returns from now on; those that were never given are methods that the contract does not have. */
  view(method: string, returned: Json): void
  /** Makes one endpoint answer with something else, or not at all. */
  fault(index: number, fault: 'none' | 'hang' | 'error' | ((state: Json) => Json)): void
  /** Block time stands still this far in the past. */
  staleByMs(ms: number): void
  close(): Promise<void>
}

type Block = { height: number; timeMs: number; views: Record<string, Json> }

export async function startRpcStub(count: number, chainId = 'stubnet'): Promise<RpcStub> {
  let state: Json = 'NotInitialized'
  let migrationInfo: Json = {}
  let otherViews: Record<string, Json> = { node_authorization: null }
  let height = 99
  let blockTime = Date.now()
  /** What was so in each block: whoever asks about one is not told of the next. */
  const blocks = new Map<string, Block>()
  const makeBlock = (): Block => {
    height += 1
    const views = { state, migration_info: migrationInfo, ...otherViews }
    const block = { height, timeMs: blockTime, views }
    blocks.set(`block${height}`, block)
    return block
  }
  const block100 = makeBlock()
  const faults = new Map<number, 'hang' | 'error' | ((state: Json) => Json)>()
  const servers = Array.from({ length: count }, (_, index) =>
    createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: string
        method: string
        params: { method_name?: string; block_id?: string }
      }
      const fault = faults.get(index)
      if (fault === 'hang') return
      if (fault === 'error') {
        response.statusCode = 503
        response.end('overloaded')
        return
      }
      const asked = params.block_id ?? `block${height}`
      const block = blocks.get(asked) ?? block100
      const shown = typeof fault === 'function' ? fault(block.views['state'] ?? null) : block.views['state']
      const returned = params.method_name === 'state' ? shown : block.views[params.method_name ?? '']
      if (method === 'query' && returned === undefined) {
        const error = { cause: { name: 'CONTRACT_EXECUTION_ERROR' }, data: 'MethodResolveError(MethodNotFound)' }
        response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
        return
      }
      const result =
        method === 'status'
          ? { chain_id: chainId }
          : method === 'block'
            ? {
                header: {
                  height: block.height,
                  hash: `block${block.height}`,
                  timestamp_nanosec: `${block.timeMs}000000`,
                },
              }
            : { block_hash: asked, result: [...Buffer.from(stringifyJson(returned))] }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }),
  )
  for (const server of servers) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/key-SENTINEL-API-KEY`),
    show(newState, newMigrationInfo) {
      state = newState
      migrationInfo = newMigrationInfo
      blockTime = Date.now()
      makeBlock()
    },
    view(method, returned) {
      otherViews = { ...otherViews, [method]: returned }
      makeBlock()
    },
    fault(index, fault) {
      if (fault === 'none') faults.delete(index)
      else faults.set(index, fault)
      makeBlock()
    },
    staleByMs(ms) {
      blockTime = Date.now() - ms
      makeBlock()
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}
