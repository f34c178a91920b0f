import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorMessage } from '../errors.ts'
import type { Logger } from '../log.ts'
import { http } from '../rpc/http.ts'
import { RateLimit } from './rate-limit.ts'

export type Page = { status: number; contentType: string; text: string }

export type ListenerOptions = {
  host: string
  port: number
  /** By path, each made when it is asked for. */
  pages: Record<string, () => Promise<Page>>
  log: Logger
  retryMs?: number
  /** Test hooks for what is otherwise fixed. */
  limits?: Partial<Record<keyof typeof LIMITS, number>>
}

export const LIMITS = {
  /** Requests of one client at once, and how many more a second. */
  burst: 20,
  perSecond: 5,
  /** All clients together. */
  burstOfAll: 100,
  perSecondOfAll: 25,
  connections: 32,
  /** From the connection to the last byte of the request's head. */
  requestMs: 5_000,
  /** Of a connection on which nothing happens. */
  idleMs: 10_000,
} as const

const MOST_CLIENTS = 256
const RETRY_MS = 30_000

/**
 * Serves pages to monitoring. A port that is taken is no reason to stop the program: it is said, and tried again. Bodies are not
 * read, nothing is written, and nothing of a request is repeated in an answer.
 * @returns `address` once it listens, for tests and logs; `close` lets go of the port and of every connection
 */
export function startListener(options: ListenerOptions): {
  address(): AddressInfo | undefined
  close(): Promise<void>
} {
  const { host, port, pages, log, retryMs = RETRY_MS } = options
  const limits = { ...LIMITS, ...options.limits }
  const each = new RateLimit({ burst: limits.burst, perSecond: limits.perSecond, mostClients: MOST_CLIENTS })
  const all = new RateLimit({ burst: limits.burstOfAll, perSecond: limits.perSecondOfAll, mostClients: 1 })
  let timer: NodeJS.Timeout | undefined
  let said = ''
  const server: Server = http.createServer({
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1_000, limits.requestMs),
    keepAliveTimeout: limits.idleMs,
    maxHeaderSize: 8 * 1_024,
  })
  server.maxConnections = limits.connections
  // A client that does not read its answer, or sends nothing at all.
  server.setTimeout(limits.idleMs)
  server.on('request', (request, response) => {
    // The body of a GET is nobody's business here; a client that sends one is not waited for.
    request.resume()
    answer(request, response).catch((error: unknown) => {
      log.warn({ err: error }, 'a monitoring request could not be answered')
      if (response.headersSent) response.destroy()
      else send(response, { status: 500, contentType: TEXT, text: 'it could not be made; the log says why\n' })
    })
  })
  server.on('error', (error) => {
    const message = errorMessage(error)
    if (message !== said)
      log.error({ host, port, err: error }, 'the monitoring listener cannot listen; it is tried again')
    said = message
    timer = setTimeout(listen, retryMs)
  })
  server.on('listening', () => {
    said = ''
    log.info({ host, port: addressOf(server)?.port }, 'monitoring is served')
  })
  listen()

  function listen(): void {
    server.listen({ host, port, exclusive: true })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = performance.now()
    if (!all.admits('', now) || !each.admits(request.socket.remoteAddress ?? '', now)) {
      response.setHeader('retry-after', '1')
      return send(response, { status: 429, contentType: TEXT, text: 'too many requests\n' })
    }
    const [path = ''] = (request.url ?? '').split('?')
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    if (page === undefined) return send(response, { status: 404, contentType: TEXT, text: 'no such page\n' })
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return send(response, { status: 405, contentType: TEXT, text: 'only GET and HEAD\n' })
    }
    send(response, await page())
  }

  return {
    address: () => addressOf(server),
    async close() {
      clearTimeout(timer)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const TEXT = 'text/plain; charset=utf-8'

/** Node leaves the body out for HEAD by itself. */
function send(response: ServerResponse, { status, contentType, text }: Page): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

function addressOf(server: Server): AddressInfo | undefined {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address : undefined
}
