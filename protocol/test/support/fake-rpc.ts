import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { ExecutionContext } from 'ava'
import { parseJson, stringifyJson, type Json } from '../../src/json.ts'

export type RpcRequest = { method: string; params: { [key: string]: Json } }
/** A JSON-RPC result, an error object, an HTTP status, or no answer at all. */
export type RpcReply = { result: Json } | { error: Json } | { status: number; text?: string } | 'hang' | 'reset'
export type FakeRpc = {
  url: string
  /** `host:port`, as errors and events name it. */
  name: string
  requests: RpcRequest[]
  connections: number
  answer: (request: RpcRequest) => RpcReply | Promise<RpcReply>
}

/** An RPC endpoint on a socket of its own whose every answer the test decides. */
export async function startFakeRpc(t: ExecutionContext, answer: FakeRpc['answer']): Promise<FakeRpc> {
  const sockets = new Set<Socket>()
  const fake: FakeRpc = { url: '', name: '', requests: [], connections: 0, answer }
  const server = createServer((request, response) => void respond(fake, request, response))
  server.on('connection', (socket) => {
    fake.connections += 1
    sockets.add(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  fake.name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  fake.url = `http://${fake.name}/secret-api-key`
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return fake
}

async function respond(fake: FakeRpc, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const { id, ...call } = parseJson(Buffer.concat(chunks).toString(), 'request') as RpcRequest & { id: Json }
  fake.requests.push(call)
  const reply = await fake.answer(call)
  if (reply === 'hang') return
  if (reply === 'reset') return void request.socket.resetAndDestroy()
  if ('status' in reply) return void response.writeHead(reply.status).end(reply.text ?? '')
  response.writeHead(200, { 'content-type': 'application/json' }).end(stringifyJson({ jsonrpc: '2.0', id, ...reply }))
}
