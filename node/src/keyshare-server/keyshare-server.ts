import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import type { Logger } from '@holdfast/protocol/log.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { http } from '@holdfast/protocol/rpc/http.ts'
import { peerKey, sharesChannelKey, tlsServerOptions } from '@holdfast/protocol/tls-channel.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { createWaitingRoom } from '../doorway/waiting-room.ts'
import { LIMITS } from '../limits.ts'
import { NOT_COUNTED } from '../monitoring/counts.ts'
import type { CountWork, KeepShares, KnowSituation } from '../ports.ts'
import { answerGet, answerPut, type Answer, type RefreshSituation } from './answers.ts'
import { readBody } from './body.ts'
import { createDeadlines } from './deadlines.ts'
import { answerMalformedInput } from './malformed.ts'
import { createRegisteredClient } from './registered-client.ts'

/** The key-share server; `server` is not listening yet. */
export type KeyshareServer = {
  server: Server
  /**
   * Takes the registered client of a view that was just read and closes the connections of every other: its registration
   * may just have been withdrawn.
   */
  keepOnly(client: Ed25519KeyText | undefined): void
  close(): void
}

type Parts = {
  identity: TlsIdentity
  situation: KnowSituation & RefreshSituation
  shares: KeepShares
  /** The TLS key of the operator's registered backup service, as a view read now has it. */
  readRegisteredClient: (signal: AbortSignal) => Promise<Ed25519KeyText | undefined>
  /** The configured key of the wire format; without one it comes from the TLS session. */
  aesKey: Uint8Array | undefined
  /** Called when shares were stored: the recovery need not wait for the next poll. */
  onStored: () => void
  /** How long a request may take to arrive, in milliseconds. */
  requestMs?: number
  log: Logger
  count?: CountWork
}

/**
 * Serves near/mpc's key-share requests (near-mpc.md 4.2, 4.3) to the operator's registered backup service alone: a
 * connection whose certificate proves another key is closed before a byte of HTTP is read.
 */
export function createKeyshareServer({
  identity,
  situation,
  shares,
  readRegisteredClient,
  aesKey,
  onStored,
  requestMs = LIMITS.keyshareRequestMs,
  log,
  count = NOT_COUNTED,
}: Parts): KeyshareServer {
  const clients = new Map<TLSSocket, Ed25519KeyText>()
  const registration = createRegisteredClient(() => readRegisteredClient(closing.signal))
  const deadlines = createDeadlines()
  const closing = new AbortController()
  const httpServer = createHttpServer((request) => respond(request))
  const server = createTlsServer({ ...tlsServerOptions(identity), handshakeTimeout: LIMITS.keyshareHandshakeMs })
  const waitingRoom = createWaitingRoom(server, {
    perAddress: LIMITS.keyshareWaitingPerAddress,
    total: LIMITS.keyshareWaiting,
  })
  // Node tells of a handshake that failed or took too long and leaves the socket open.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('secureConnection', (socket) => void admit(socket))

  return {
    server,
    keepOnly(client) {
      registration.note(client)
      for (const [socket, key] of clients) {
        if (key === client) continue
        log.info({ client_key: key }, 'closed a key-share connection: its registration is gone')
        socket.destroy()
      }
    },
    close() {
      closing.abort()
      waitingRoom.close()
      for (const socket of clients.keys()) socket.destroy()
      httpServer.close()
      server.close()
    },
  }

  async function admit(socket: TLSSocket): Promise<void> {
    socket.on('error', () => undefined)
    const key = peerKey(socket)
    try {
      const registered = await registration.current()
      if (key === undefined || key !== registered) {
        log.warn(
          { client_key: key ?? 'none', registered_key: registered ?? 'none' },
          "closed a key-share connection: its key is not the registered backup service's; the operator registers it with register_backup_service",
        )
        socket.destroy()
        return
      }
      if (socket.destroyed) return
      waitingRoom.admit(socket)
      clients.set(socket, key)
      if (clients.size > LIMITS.keyshareClients) [...clients.keys()][0]?.destroy()
      deadlines.start(socket, requestMs)
      socket.on('close', () => clients.delete(socket))
      httpServer.emit('connection', socket)
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'closed a key-share connection: the contract could not be read')
      socket.destroy()
    }
  }

  async function respond(request: IncomingMessage): Promise<Answer> {
    if (request.rawHeaders.length / 2 > LIMITS.keyshareHeaders)
      return { status: 431, body: '', note: 'refused: too many headers' }
    const path = pathOf(request.url ?? '')
    if (request.method === 'GET' && path === '/hello') return { status: 200, body: 'Hello, world!', note: 'said hello' }
    const kind = kindOf(request)
    if (kind === 'other') return { status: 404, body: 'Not Found', note: 'refused: no such request' }
    const body = await readBody(request)
    switch (body.kind) {
      case 'tooLarge':
        return {
          status: 413,
          body: `Body larger than ${LIMITS.keyshareBodyBytes} bytes`,
          note: 'refused: body too large',
        }
      case 'broken':
        return { status: 400, body: `Failed to read body: ${body.why}`, note: 'refused: body cut short' }
      case 'whole': {
        const key = aesKey ?? sharesChannelKey(request.socket as TLSSocket)
        if (kind === 'get') return answerGet(situation, shares, body.text, key)
        const answer = await answerPut(situation, shares, body.text, key)
        if (answer.status === 200) onStored()
        return answer
      }
      default:
        body satisfies never
        throw new TypeError('unknown kind of body')
    }
  }

  function createHttpServer(answer: (request: IncomingMessage) => Promise<Answer>): HttpServer {
    const options = {
      requireHostHeader: false,
      maxHeaderSize: LIMITS.keyshareHeaderBytes,
      // Node watches over these only in a server that listens itself: `deadlines` does it here.
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
    }
    const created = http.createServer(options, (request, response) => {
      malformed.begin(request, response)
      answer(request).then(
        (result) => {
          log.info(
            {
              request: `${request.method} ${pathOf(request.url ?? '')}`.slice(0, 80),
              status: result.status,
              result: result.note,
            },
            'answered a key-share request',
          )
          count.keyshareRequest(kindOf(request), resultOf(result.status))
          send(request, response, result)
          deadlines.start(request.socket, LIMITS.keyshareIdleMs)
        },
        (error: unknown) => {
          log.error({ err: error }, 'a key-share request failed')
          count.keyshareRequest(kindOf(request), 'failed')
          send(request, response, { status: 500, body: 'Internal error', note: '' })
        },
      )
    })
    const malformed = answerMalformedInput(created)
    // One more than allowed, for Node drops the rest without a word.
    created.maxHeadersCount = LIMITS.keyshareHeaders + 1
    return created
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, contentType }: Answer): void {
  const hasUnreadBody = !request.complete
  response.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    ...(status === 431 && { connection: 'close' }),
    ...(contentType !== undefined && { 'content-type': contentType }),
  })
  response.end(body)
  if (!hasUnreadBody) return
  // Closing on unread bytes resets the connection and may take the answer with it: read on for a moment, keep nothing.
  request.resume()
  const socket = request.socket
  setTimeout(() => socket.destroy(), LIMITS.keyshareLingerMs).unref()
}

function kindOf({ method, url = '' }: IncomingMessage): 'get' | 'put' | 'other' {
  const path = pathOf(url)
  if (method === 'GET' && path === '/get_keyshares') return 'get'
  return method === 'PUT' && path === '/set_keyshares' ? 'put' : 'other'
}

function resultOf(status: number): 'answered' | 'refused' | 'failed' {
  if (status < 400) return 'answered'
  return status < 500 ? 'refused' : 'failed'
}

/** The path of an origin-form or absolute-form target, without its query: near/mpc's client sends `http://example/…`. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/]*/i, '')
  return path.split('?', 1)[0] ?? ''
}
