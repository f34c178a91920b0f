import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'

/** What an endpoint does to the answer of a view: another text, or undefined where it tells the truth. */
export type Lie = (method: string, returned: string) => string | undefined

/** An RPC endpoint that hands everything on to the real node, and lies about views once it is told how. */
export type RpcProxy = {
  readonly url: string
  /** Host and port: how Holdfast names it. */
  readonly name: string
  /** How many answers it has falsified. */
  falsified(): number
  lie(how: Lie | undefined): void
  close(): Promise<void>
}

type Call = { method?: string; params?: { request_type?: string; method_name?: string } }
type Answer = { result?: { result?: number[] } }

/** Listens on a port of the system's choice at `host`. */
export async function startRpcProxy(upstream: string, host: string): Promise<RpcProxy> {
  let how: Lie | undefined
  let count = 0
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request)
      const headers = { 'content-type': 'application/json' }
      const answered = await fetch(upstream, { method: 'POST', headers, body })
      let text = await answered.text()
      const view = viewIn(body)
      if (how !== undefined && view !== undefined) {
        const lied = falsify(text, view, how)
        if (lied !== undefined) count += 1
        text = lied ?? text
      }
      response.writeHead(answered.status, headers).end(text)
    })().catch(() => response.destroy())
  })
  const { port } = await listen(server, host)
  return {
    url: `http://${host}:${port}`,
    name: `${host}:${port}`,
    falsified: () => count,
    lie: (next) => void (how = next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function listen(server: Server, host: string): Promise<AddressInfo> {
  server.listen(0, host)
  await once(server, 'listening')
  return server.address() as AddressInfo
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function viewIn(body: string): string | undefined {
  const { method, params } = parseJson(body, 'a request') as Call
  return method === 'query' && params?.request_type === 'call_function' ? params.method_name : undefined
}

function falsify(text: string, method: string, how: Lie): string | undefined {
  const answer = parseJson(text, 'an answer') as Answer
  const bytes = answer.result?.result
  if (bytes === undefined || answer.result === undefined) return undefined
  const lied = how(method, Buffer.from(bytes).toString('utf8'))
  if (lied === undefined) return undefined
  answer.result.result = [...Buffer.from(lied)]
  return stringifyJson(answer as Json)
}
