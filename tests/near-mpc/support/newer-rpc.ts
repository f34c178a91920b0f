import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'

type Request = { method: string; params: Record<string, unknown> }

/** What near/mpc's `backup-cli run` reads the contract with; older nodes know it only as a kind of `query`. */
const METHOD = 'EXPERIMENTAL_call_function'

/** The endpoint itself, if it knows the method; else one before it that translates, until the test ends. */
export async function rpcForBackupCli(t: ExecutionContext, upstream: string): Promise<string> {
  const ask = (body: string) =>
    fetch(upstream, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answer = await (await ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method: METHOD, params: {} }))).text()
  if (!answer.includes('METHOD_NOT_FOUND')) return upstream
  const server = createServer((request, response) => {
    void (async () => {
      const asked = JSON.parse(await text(request)) as Request
      if (asked.method === METHOD) {
        asked.method = 'query'
        asked.params = { request_type: 'call_function', ...asked.params }
      }
      const answered = await ask(JSON.stringify(asked))
      response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text())
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
