import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** An RPC endpoint whose blocks are of another time than everybody else's. */
export type LateRpc = { url: string; setLate(ms: number): void; close(): void }

/** Passes requests on and makes every block in the answers older by what `setLate` says. */
export async function openLateRpc(chainUrl: string): Promise<LateRpc> {
  let lateNs = 0n
  const server = createServer((request, response) => {
    passOn(request).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      () => response.destroy(),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    setLate: (ms) => (lateNs = BigInt(ms) * 1_000_000n),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }

  async function passOn(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const answer = await fetch(chainUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await text(request),
    })
    const body = (await answer.text()).replaceAll(
      /("timestamp_nanosec": ?")(\d+)"/g,
      (_all, before: string, ns: string) => `${before}${BigInt(ns) - lateNs}"`,
    )
    return { status: answer.status, body }
  }
}
