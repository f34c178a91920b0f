import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { errorMessage, HoldfastError } from '../errors.ts'
import { parseJson, stringifyJson, type Json } from '../json.ts'
import { withDeadline } from '../poll.ts'
import { http, https } from './http.ts'
import type { RpcEndpoint } from './ports.ts'
import { isObject, RpcError } from './rpc-error.ts'
import { RpcUnavailableError } from './unavailable.ts'

/** A `state` of a hundred participants is a quarter of a megabyte, and a view's result arrives as one number per byte. */
const LARGEST_ANSWER = 16 * 1024 * 1024
/** Longer than a poll interval, shorter than the idle timeout of common load balancers (60 s). */
const KEEP_ALIVE_MS = 20_000
/** Never repeated here: whoever sends a transaction must know that it may have arrived. */
const SENDS = 'send_tx'

/**
 * A NEAR JSON-RPC endpoint over HTTP/1.1 with kept-alive connections and one deadline per request, no retries.
 * @throws HoldfastError `INVALID_ENDPOINT` if the URL is none, without quoting it.
 */
export function createRpcEndpoint(url: string, requestTimeoutMs: number): RpcEndpoint {
  const target = parseEndpoint(url)
  const { Agent, request } = target.protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: KEEP_ALIVE_MS, maxSockets: 16 })
  const name = target.host
  let nextId = 0
  return {
    name,
    async call(method, params, signal) {
      const body = stringifyJson({ jsonrpc: '2.0', id: String(nextId++), method, params })
      const text = await withDeadline(
        (stop) => post((options) => request(target, options), agent, body, method !== SENDS, stop),
        requestTimeoutMs,
        signal,
        method,
      ).catch((error: unknown) => {
        throw signal?.aborted === true ? error : unavailable(name, errorMessage(error), isForeign(error), error)
      })
      return resultOf(text, name, method)
    },
    close() {
      agent.destroy()
    },
  }
}

function parseEndpoint(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (target?.protocol === 'http:' || target?.protocol === 'https:') return target
  throw new HoldfastError('INVALID_ENDPOINT', 'an RPC endpoint is not a URL that starts with http:// or https://')
}

type PostOptions = { method: string; agent: Agent; headers: Record<string, string | number>; signal: AbortSignal }

function post(
  open: (options: PostOptions) => ClientRequest,
  agent: Agent,
  body: string,
  mayRepeat: boolean,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const request = open({ method: 'POST', agent, headers, signal })
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close a kept-alive connection in the moment that we reuse it: then once more, on a new one.
      const wasStale = request.reusedSocket && error.code === 'ECONNRESET'
      if (wasStale && mayRepeat && !signal.aborted) post(open, agent, body, false, signal).then(resolve, reject)
      else reject(error)
    })
    request.on('response', (response) => readAnswer(response).then(resolve, reject))
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LARGEST_ANSWER) throw new RangeError(`its answer is longer than ${LARGEST_ANSWER} bytes`)
    chunks.push(chunk)
  }
  const { statusCode = 0 } = response
  // Status 400 carries a JSON-RPC error; 429 and 5xx come from what stands before the node, or from its overload.
  if (statusCode !== 200 && statusCode !== 400) throw new HttpStatusError(statusCode)
  return Buffer.concat(chunks).toString('utf8')
}

function resultOf(text: string, name: string, method: string): Json {
  let json: Json
  try {
    json = parseJson(text, `the answer to ${method}`)
  } catch (error) {
    throw unavailable(name, errorMessage(error), true, error)
  }
  if (isObject(json) && json.error !== undefined) throw RpcError.from(json.error, name, method)
  if (!isObject(json) || json.result === undefined)
    throw unavailable(name, `its answer to ${method} has no result`, true)
  return json.result
}

/** What stands before a NEAR RPC answers so when it is overloaded, down, or does not accept a key or the payment. */
const OF_THE_DOOR = new Set([401, 402, 403, 407, 408, 425, 429])

class HttpStatusError extends RangeError {
  readonly isForeign: boolean

  constructor(status: number) {
    super(`it answered with HTTP status ${status}`)
    this.isForeign = status < 500 && !OF_THE_DOOR.has(status)
  }
}

/** TLS on a port that speaks none; with HPE_…, HTTP's parser: something on a port that speaks no HTTP, such as an MPC node's. */
const NO_TLS = 'ERR_SSL_WRONG_VERSION_NUMBER'

function isForeign(error: unknown): boolean {
  if (error instanceof HttpStatusError) return error.isForeign
  const code = String((error as NodeJS.ErrnoException | undefined)?.code)
  return code === NO_TLS || code.startsWith('HPE_')
}

function unavailable(name: string, why: string, answered: boolean, cause?: unknown): RpcUnavailableError {
  return new RpcUnavailableError(`no answer from the RPC endpoint ${name}: ${why}`, answered, { cause })
}
