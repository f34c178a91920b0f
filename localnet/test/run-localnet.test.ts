import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { runLocalnet, type RunLocalnetOptions, type RunningLocalnet } from '../src/run-localnet.ts'

async function optionsFor(
  signal: AbortSignal,
  onReady: (running: RunningLocalnet) => void,
): Promise<RunLocalnetOptions> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-localnet-'))
  return { host: '127.0.0.1', port: 0, blockMs: 20, endpoints: 2, faults: true, vm: 'v8', home, signal, onReady }
}

test('run - should serve the chain until told to stop, and keep the key to its owner', async (t) => {
  const stop = new AbortController()
  const ready = Promise.withResolvers<RunningLocalnet>()
  const options = await optionsFor(stop.signal, ready.resolve)
  t.teardown(() => rm(options.home, { recursive: true }))
  const ended = runLocalnet(options)
  const running = await ready.promise
  t.is(running.rpcUrls.length, 2)
  t.is((await fetch(`${running.rpcUrls[1]}/status`)).status, 200)
  t.truthy(running.controlUrl)
  const key = JSON.parse(await readFile(running.keyFile, 'utf8')) as Record<string, string>
  t.is(key['account_id'], 'test.near')
  t.regex(key['secret_key'] ?? '', /^ed25519:/)
  t.is((await stat(running.keyFile)).mode & 0o777, 0o600)
  stop.abort()
  await ended
  await t.throwsAsync(fetch(`${running.rpcUrls[0]}/status`))
})

test('run - should say that a port is in use, and leave nothing open', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const options = await optionsFor(new AbortController().signal, () => t.fail())
  t.teardown(() => rm(options.home, { recursive: true }))
  const error = await t.throwsAsync(runLocalnet({ ...options, port }), { code: 'PORT_IN_USE' })
  t.regex(error?.message ?? '', /in use by another program; choose another port/)
})

for (const wrong of [{ blockMs: 0 }, { endpoints: 0 }, { port: 65_535 }, { port: -1 }]) {
  test(`run - should refuse ${JSON.stringify(wrong)}`, async (t) => {
    const options = await optionsFor(new AbortController().signal, () => t.fail())
    t.teardown(() => rm(options.home, { recursive: true }))
    await t.throwsAsync(runLocalnet({ ...options, ...wrong }), { code: 'INVALID_OPTION' })
  })
}
