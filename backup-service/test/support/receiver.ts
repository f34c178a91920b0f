import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'

export type Received = { path: string; headers: IncomingHttpHeaders; body: Record<string, unknown>; atMs: number }
export type Reply = (response: ServerResponse, received: Received) => void

/** Whoever is told: keeps what it got, and answers as the test says. */
export type Receiver = {
  url: string
  received: Received[]
  reply(reply: Reply): void
}

export const ok: Reply = (response) => void response.writeHead(200).end('ok')

/** A receiver on this machine; with `tls` one whose certificate nobody has signed. */
export async function startReceiver(t: ExecutionContext, { tls = false }: { tls?: boolean } = {}): Promise<Receiver> {
  let reply = ok
  const received: Received[] = []
  const { certPem: cert, keyPem: key } = createTlsIdentity(new Uint8Array(32).fill(5))
  const server = tls ? createTlsServer({ cert, key }) : createServer()
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
    const got = { path: request.url ?? '', headers: request.headers, body, atMs: Date.now() }
    received.push(got)
    reply(response, got)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void (server.closeAllConnections(), server.close()))
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/hook-SENTINEL-SECRET`,
    received,
    reply(next) {
      reply = next
    },
  }
}
