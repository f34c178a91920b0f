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

export async function startRpcStub(count: number): Promise<RpcStub> {
  let state: Json = 'NotInitialized'
  let migrationInfo: Json = {}
  let otherViews: Record<string, Json> = { node_authorization: null }
  let height = 100
  let blockTime = Date.now()
  const faults = new Map<number, 'hang' | 'error' | ((state: Json) => Json)>()
  const servers = Array.from({ length: count }, (_, index) =>
    createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: string
        method: string
        params: { method_name?: string }
      }
      const fault = faults.get(index)
      if (fault === 'hang') return
      if (fault === 'error') {
        response.statusCode = 503
        response.end('overloaded')
        return
      }
      const shown = typeof fault === 'function' ? fault(state) : state
      const views: Record<string, Json | undefined> = { state: shown, migration_info: migrationInfo, ...otherViews }
      const returned = views[params.method_name ?? '']
      if (method === 'query' && returned === undefined) {
        const error = { cause: { name: 'CONTRACT_EXECUTION_ERROR' }, data: 'MethodResolveError(MethodNotFound)' }
        response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
        return
      }
      const result =
        method === 'status'
          ? { chain_id: 'stubnet' }
          : method === 'block'
            ? { header: { height, hash: `block${height}`, timestamp_nanosec: `${blockTime}000000` } }
            : { block_hash: `block${height}`, result: [...Buffer.from(stringifyJson(returned))] }
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
      height += 1
    },
    view(method, returned) {
      otherViews = { ...otherViews, [method]: returned }
      height += 1
    },
    fault(index, fault) {
      if (fault === 'none') faults.delete(index)
      else faults.set(index, fault)
      height += 1
    },
    staleByMs(ms) {
      blockTime = Date.now() - ms
      height += 1
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
