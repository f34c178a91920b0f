/**
 * What an RPC endpoint answers goes into findings and errors, and these to an operator's terminal. Fails if an endpoint can
 * send a terminal anything but text.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import test, { type ExecutionContext } from 'ava'
import { initBackupService } from '@holdfast/backup-service/init-backup-service.ts'
import { configOf, temporaryDirectory } from '../backup-service/test/support/home.ts'
import { runHoldfast } from './support/run-holdfast.ts'

/** Retitles the window, clears the screen, says that all is well; then the one-byte form of the same, and a reversal. */
const SEQUENCE = '\u001b]0;owned\u0007\u001b[2J\u001b[32mall is well\u009b31m\u202ellew\r'
const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}]/u

async function hostileEndpoint(t: ExecutionContext): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const { method } = JSON.parse(Buffer.concat(chunks).toString()) as { method: string }
      const answer =
        method === 'status'
          ? { result: { chain_id: SEQUENCE } }
          : { error: { name: 'HANDLER_ERROR', cause: { name: SEQUENCE }, message: SEQUENCE, data: SEQUENCE } }
      response.end(JSON.stringify({ jsonrpc: '2.0', id: '0', ...answer }))
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('an RPC endpoint - should never send a terminal more than text, whatever it answers', async (t) => {
  const url = await hostileEndpoint(t)
  const home = join(await temporaryDirectory(t), 'home')
  const named = ['--account', 'op.near', '--contract', 'v1.signer', '--rpc', url, '--identity', 'beside']
  const refused = await runHoldfast(['backup', 'init', '--home', home, ...named])
  t.regex(refused.stderr, /ENDPOINT_NO_NEAR_RPC/)
  t.regex(refused.stderr, /all is well/)
  t.notRegex(refused.stderr + refused.stdout, CONTROLS)

  await initBackupService({ home, config: configOf({ rpc_urls: [url] }) })
  const examined = await runHoldfast(['backup', 'doctor', '--home', home])
  t.is(examined.code, EXIT_CODES.checkFailed)
  t.regex(examined.stdout, /all is well/)
  t.notRegex(examined.stderr + examined.stdout, CONTROLS)
})
