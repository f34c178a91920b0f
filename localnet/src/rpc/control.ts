import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Chain } from '../chain/chain.ts'
import type { RpcEndpoint } from './endpoint.ts'
import { FaultError, parseFaults } from './faults.ts'

const MAX_BODY_BYTES = 1024 * 1024

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > MAX_BODY_BYTES) throw new FaultError('cannot read the request: it is larger than 1 MiB')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new FaultError('cannot read the request: expected a JSON object')
}

/**
 * The switchboard of a localnet that was started with faults: on a port of its own, because an endpoint that plays dead
 * cannot be told to stop. `POST /fault {"endpoint": 0, "faults": {…}}` sets all faults of one endpoint, `{}` none;
 * `POST /reset` starts the chain anew.
 */
export class ControlServer {
  readonly #server: Server

  constructor(chain: Chain, endpoints: readonly RpcEndpoint[]) {
    const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      try {
        if (request.method === 'POST' && request.url === '/reset') {
          chain.reset()
          return answer(200, {})
        }
        if (request.method !== 'POST' || request.url !== '/fault')
          return answer(404, { error: 'unknown request: there are POST /fault and POST /reset' })
        const { endpoint: index, faults } = await readJson(request)
        const endpoint = typeof index === 'number' ? endpoints[index] : undefined
        if (endpoint === undefined)
          throw new FaultError(
            `cannot set faults: there is no endpoint ${String(index)}, only 0 to ${endpoints.length - 1}`,
          )
        await endpoint.setFaults(parseFaults(faults))
        answer(200, {})
      } catch (error) {
        const known = error instanceof FaultError
        answer(known ? 400 : 500, { error: error instanceof Error ? error.message : String(error) })
      }
    }
    this.#server = createServer((request, response) => void handle(request, response))
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, resolve)
    })
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
