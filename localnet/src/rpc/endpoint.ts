import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Chain } from '../chain/chain.ts'
import { dispatch, parseRequest } from './dispatch.ts'
import { internalError, RpcError } from './errors.ts'
import { NO_FAULTS, RateLimit, type Faults } from './faults.ts'
import { jsonProblem, toJson } from './json.ts'
import type { RpcContext } from './method.ts'
import { statusView } from './methods/node.ts'

/** The node's two limits: one for what it reads, one for what it lets a client announce. */
const MAX_BODY_BYTES = 2 * 1024 * 1024
const MAX_ANNOUNCED_BYTES = 10 * 1024 * 1024
const TEXT = 'text/plain; charset=utf-8'

class BodyTooLarge extends Error {}

/** Reads on to the end even when it is too much: a client that is still sending would not see the answer. */
async function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_ANNOUNCED_BYTES)
    throw new BodyTooLarge('length limit exceeded')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer)
  }
  if (size > MAX_BODY_BYTES) throw new BodyTooLarge('Failed to buffer the request body: length limit exceeded')
  return Buffer.concat(chunks).toString('utf8')
}

function respond(response: ServerResponse, status: number, type: string | null, body: string): void {
  if (response.destroyed) return
  response.writeHead(status, type === null ? {} : { 'content-type': type })
  response.end(body)
}

const respondJson = (response: ServerResponse, status: number, value: unknown): void =>
  respond(response, status, 'application/json', toJson(value))

export type EndpointOptions = Pick<RpcContext, 'rootPublicKey' | 'waitMs'>

/** Ends what is still waiting; nobody hears of it. */
class EndpointGone extends Error {}

/** One HTTP address of a chain: speaks NEAR's JSON-RPC. Several can serve one chain, each with its own faults. */
export class RpcEndpoint {
  readonly #chain: Chain
  readonly #options: EndpointOptions
  readonly #server: Server
  readonly #closing = new AbortController()
  readonly #rate = new RateLimit()
  #faults: Faults = NO_FAULTS
  /** Ordinal of the newest block when `frozen` was set. */
  #frozenAt = 0
  #address = ''

  constructor(chain: Chain, options: EndpointOptions) {
    this.#chain = chain
    this.#options = options
    this.#server = createServer((request, response) => void this.#serve(request, response))
    // As a node: an idle connection is the client's to close, who would else find it gone when he asks again.
    this.#server.keepAliveTimeout = 0
  }

  /** @param port 0 lets the system choose */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    const bound = this.#server.address() as AddressInfo
    this.#address = `${bound.address}:${bound.port}`
  }

  /** `host:port`, also while nobody listens there. */
  get address(): string {
    return this.#address
  }

  get url(): string {
    return `http://${this.#address}`
  }

  /** Sets everything that is wrong with this endpoint; NO_FAULTS mends it. Resolves when it is so. */
  async setFaults(faults: Faults): Promise<void> {
    this.#faults = faults
    this.#frozenAt = this.#chain.blocks.head('optimistic').ordinal
    if (faults.dead === 'refused') await this.#stopListening()
    else if (!this.#server.listening) {
      const colon = this.#address.lastIndexOf(':')
      await this.listen(Number(this.#address.slice(colon + 1)), this.#address.slice(0, colon))
    }
  }

  async #stopListening(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** Ends every request and stops listening. */
  async close(): Promise<void> {
    this.#closing.abort(new EndpointGone('the endpoint is closing'))
    await this.#stopListening()
  }

  get #lag(): number {
    const { lag } = this.#faults
    if (lag === 'frozen') return this.#chain.blocks.head('optimistic').ordinal - this.#frozenAt
    return lag ?? 0
  }

  #context(signal: AbortSignal): RpcContext {
    return { ...this.#options, chain: this.#chain, lag: this.#lag, address: this.#address, signal }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort(new EndpointGone('the client went away')))
    const signal = AbortSignal.any([gone.signal, this.#closing.signal])
    try {
      if (await this.#fails(request, response, signal)) return
      await this.#route(request, response, this.#context(signal))
    } catch (error) {
      if (signal.aborted) return
      const failure = internalError(error instanceof Error ? error.message : String(error))
      respondJson(response, failure.httpStatus, { jsonrpc: '2.0', error: failure.body, id: null })
    }
  }

  /** Plays the faults that need no understanding of the request; true when there is nothing more to do. */
  async #fails(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<boolean> {
    const { dead, slowMs, requestsPerSecond } = this.#faults
    if (dead === 'reset') {
      request.socket.destroy()
      return true
    }
    if (dead === 'silent') return true
    if (requestsPerSecond !== undefined && !this.#rate.admits(requestsPerSecond, Date.now())) {
      respond(response, 429, TEXT, 'Too many requests')
      return true
    }
    if (slowMs !== undefined) await sleep(slowMs, undefined, { signal })
    return false
  }

  async #route(request: IncomingMessage, response: ServerResponse, context: RpcContext): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]
    if (request.method === 'GET' && path === '/status') return respondJson(response, 200, statusView(context))
    if (request.method === 'GET' && path === '/health') return respondJson(response, 200, null)
    if (path !== '/') return respond(response, 404, null, '')
    if (request.method !== 'POST') return respond(response, 405, null, '')
    if (!/^application\/([\w.-]+\+)?json\b/.test(request.headers['content-type'] ?? ''))
      return respond(response, 415, TEXT, 'Expected request with `Content-Type: application/json`')
    let text: string
    try {
      text = await readBody(request)
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error
      return respond(response, 413, TEXT, error.message)
    }
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return respond(response, 400, TEXT, `Failed to parse the request body as JSON: ${jsonProblem(text)}`)
    }
    await this.#answer(body, response, context)
  }

  async #answer(body: unknown, response: ServerResponse, context: RpcContext): Promise<void> {
    let id: unknown = null
    try {
      const request = parseRequest(body)
      id = request.id
      const truth = await dispatch(request, context)
      const result = this.#faults.lie === undefined ? truth : this.#faults.lie(request, truth)
      respondJson(response, 200, { jsonrpc: '2.0', result, id })
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      respondJson(response, error.httpStatus, { jsonrpc: '2.0', error: error.body, id })
    }
  }
}
