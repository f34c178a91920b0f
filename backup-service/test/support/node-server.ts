import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { sharesChannelKey, peerKey, tlsServerOptions } from '@holdfast/protocol/tls-channel.ts'
import { createTlsIdentity, type TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { NodeAddress } from '../../src/ports.ts'

export type Exchange = { method: string; target: string; headers: Map<string, string>; body: string; raw: string }
/** Answers one whole request on the socket, with whatever bytes it likes; `tcp` is the connection below it. */
export type Answer = (
  request: Exchange,
  socket: TLSSocket,
  channelKey: Uint8Array,
  tcp: Socket | undefined,
) => void | Promise<void>

export type NodeServer = {
  address: NodeAddress
  requests: Exchange[]
  /** Client keys that completed a handshake. */
  clients: (Ed25519KeyText | undefined)[]
  /** Ends every open connection without a word. */
  drop(): void
  close(): Promise<void>
}

export const NODE_IDENTITY: TlsIdentity = createTlsIdentity(new Uint8Array(32).fill(71))
export const SERVICE_IDENTITY: TlsIdentity = createTlsIdentity(new Uint8Array(32).fill(72))

/** A TLS server in near/mpc's form, on a port of the system's choice unless told, that reads requests and answers as told. */
export async function startNodeServer(
  answer: Answer,
  identity: TlsIdentity = NODE_IDENTITY,
  onPort = 0,
  host = '127.0.0.1',
): Promise<NodeServer> {
  const requests: Exchange[] = []
  const clients: (Ed25519KeyText | undefined)[] = []
  const open = new Set<TLSSocket>()
  const below = new Map<number | undefined, Socket>()
  const server = createServer(tlsServerOptions(identity), (socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    clients.push(peerKey(socket))
    let received = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const request = wholeRequest(received.toString('latin1'))
      if (request === undefined) return
      received = Buffer.alloc(0)
      requests.push(request)
      void answer(request, socket, sharesChannelKey(socket), below.get(socket.remotePort))
    })
  })
  const drop = (): void => open.forEach((socket) => socket.destroy())
  server.on('connection', (socket) => below.set(socket.remotePort, socket))
  server.listen(onPort, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: { host, port, tlsPublicKey: identity.publicKeyText },
    requests,
    clients,
    drop,
    async close() {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An HTTP answer with its content-length. */
export function httpAnswer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function wholeRequest(raw: string): Exchange | undefined {
  const end = raw.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line = '', ...lines] = raw.slice(0, end).split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  const headers = new Map(
    lines.map((header): [string, string] => {
      const colon = header.indexOf(':')
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
    }),
  )
  const body = raw.slice(end + 4)
  if (body.length < Number(headers.get('content-length') ?? 0)) return undefined
  return { method, target, headers, body, raw }
}
