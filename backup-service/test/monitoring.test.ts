import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createLogger } from '@holdfast/protocol/log.ts'
import { isPlaceWritable } from '../src/adapters/place-writable.ts'
import { startListener, type ListenerOptions } from '../src/metrics/adapters/http-listener.ts'
import { enoughPlacesWritable } from '../src/metrics/places-writable.ts'
import { RateLimit } from '../src/metrics/rate-limit.ts'
import { temporaryDirectory, until } from './support/home.ts'
import { startReceiver } from './support/receiver.ts'
import { startService } from './support/service-setting.ts'

async function listener(t: ExecutionContext, options: Partial<ListenerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({ name: 'test', stream: { write: (line: string) => void lines.push(line) } })
  const page = async () => ({ status: 200, contentType: 'text/plain', text: 'here\n' })
  const started = startListener({ host: '127.0.0.1', port: 0, pages: { '/page': page }, log, ...options })
  t.teardown(() => started.close())
  const { port } = await until(() => started.address())
  return { port, lines, url: (path: string) => `http://127.0.0.1:${port}${path}` }
}

test('listener - should serve its pages to GET and HEAD, and nothing else', async (t) => {
  const { url } = await listener(t)
  const found = await fetch(url('/page?x=1'))
  t.is(found.status, 200)
  t.is(await found.text(), 'here\n')
  t.is(found.headers.get('cache-control'), 'no-store')
  t.is((await fetch(url('/page'), { method: 'HEAD' })).status, 200)
  const posted = await fetch(url('/page'), { method: 'POST', body: 'x'.repeat(10_000) })
  t.is(posted.status, 405)
  t.is(posted.headers.get('allow'), 'GET, HEAD')
  for (const path of ['/', '/pages', '/page/', '/constructor', '/__proto__'])
    t.is((await fetch(url(path))).status, 404, path)
})

test('listener - should limit the rate on every path, and say when to come back', async (t) => {
  const { url } = await listener(t, { limits: { burst: 3, perSecond: 0.001 } })
  for (const path of ['/page', '/nothing', '/page']) t.not((await fetch(url(path))).status, 429)
  const limited = await fetch(url('/page'))
  t.is(limited.status, 429)
  t.is(limited.headers.get('retry-after'), '1')
})

test('listener - should let nobody hold connections without asking', async (t) => {
  const { port, url } = await listener(t, { limits: { connections: 4, requestMs: 300, idleMs: 300 } })
  const sockets: Socket[] = []
  for (let n = 0; n < 8; n++) {
    const socket = createConnection(port, '127.0.0.1').on('error', () => undefined)
    socket.write('GET /page HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    sockets.push(socket)
  }
  for (const socket of sockets) socket.resume()
  await until(() => sockets.every((socket) => socket.closed))
  t.is((await fetch(url('/page'))).status, 200, 'and be there for others afterwards')
})

test('listener - should refuse a head that has no end', async (t) => {
  const { port } = await listener(t)
  const socket = createConnection(port, '127.0.0.1').on('error', () => undefined)
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  socket.write(`GET /page HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n`)
  await until(() => socket.closed)
  t.regex(answer, /^HTTP\/1\.1 431/)
})

test('listener - should say that its port is taken, and have it as soon as it is free', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo
  const lines: string[] = []
  const log = createLogger({ name: 'test', stream: { write: (line: string) => void lines.push(line) } })
  const started = startListener({ host: '127.0.0.1', port, pages: {}, log, retryMs: 20 })
  t.teardown(() => started.close())
  await until(() => lines.some((line) => line.includes('EADDRINUSE')))
  squatter.close()
  await until(() => started.address())
  t.is(lines.filter((line) => line.includes('EADDRINUSE')).length, 1)
})

test('listener - should answer for a page that cannot be made, and tell the log why, not the asker', async (t) => {
  const { url, lines } = await listener(t, { pages: { '/page': () => Promise.reject(new Error('SENTINEL')) } })
  const found = await fetch(url('/page'))
  t.is(found.status, 500)
  t.false((await found.text()).includes('SENTINEL'))
  t.true(lines.join().includes('SENTINEL'))
})

test('rate limit - should fill up again with time, and be each client’s own', (t) => {
  const limit = new RateLimit({ burst: 2, perSecond: 1, mostClients: 2 })
  t.deepEqual(
    [0, 0, 0].map((now) => limit.admits('a', now)),
    [true, true, false],
  )
  t.true(limit.admits('b', 0))
  t.true(limit.admits('a', 1_000))
  t.false(limit.admits('a', 1_500))
  t.true(limit.admits('c', 1_500), 'b is forgotten for it')
  t.false(limit.admits('a', 1_600), 'and a is not')
})

test('a place - should count as writable only with the right and the room', async (t) => {
  const directory = await temporaryDirectory(t)
  t.true(await isPlaceWritable(directory))
  t.false(await isPlaceWritable(join(directory, 'none')))
  const s3 = {
    kind: 's3',
    region: 'r',
    bucket: 'bucket',
    prefix: '',
    credentials: { kind: 'file', path: 'x' },
    force_path_style: false,
  } as const
  const settings = { home: directory, places: [{ kind: 'directory', path: '.' } as const, s3], durableCopies: 2 }
  const found = (state: 'ok' | 'behind' | 'failed') => ({
    places: [{ place: 's3://bucket/', state, since: '', reason: null }],
  })
  t.true(await enoughPlacesWritable(settings, found('ok')))
  t.true(await enoughPlacesWritable(settings, found('behind')))
  t.false(await enoughPlacesWritable(settings, found('failed')))
  t.false(await enoughPlacesWritable(settings, { places: [] }), 'nobody has looked yet')
  t.true(await enoughPlacesWritable({ ...settings, durableCopies: 1 }, found('failed')))
  t.false(await enoughPlacesWritable({ ...settings, home: join(directory, 'none') }, found('ok')))
  if (process.getuid?.() === 0) return
  const closed = join(directory, 'closed')
  await mkdir(closed)
  await chmod(closed, 0o500)
  t.false(await isPlaceWritable(closed))
})

test.serial('service - should serve metrics, health and readiness, and no secret in any of them', async (t) => {
  const receiver = await startReceiver(t)
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-hook-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const setting = await startService(t, {
    config: { monitoring: { port: 0 }, notifications: [{ kind: 'slack', url_env: 'HOLDFAST_TEST_HOOK' }] },
  })
  process.env['HOLDFAST_TEST_HOOK'] = receiver.url
  const port = await until(() => {
    const line = setting.lines.find((each) => each.includes('monitoring is served'))
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port
  })
  const get = async (path: string): Promise<[number, string]> => {
    const found = await fetch(`http://127.0.0.1:${port}${path}`)
    return [found.status, await found.text()]
  }
  t.like(await get('/readyz'), [503])
  setting.rpc.show(setting.running(), setting.registered)
  await setting.statusWhere(({ covered }) => covered)
  t.deepEqual(await get('/readyz'), [
    200,
    '{"ready":true,"view_fresh":true,"places_writable":true,"registered":true}\n',
  ])
  const [status, health] = await get('/healthz')
  t.is(status, 200)
  const [, metrics] = await get('/metrics')
  t.regex(metrics, /^holdfast_backup_stage\{stage="served"\} 1$/m)
  t.regex(metrics, /^holdfast_backup_stage\{stage="stored"\} 1$/m)
  t.regex(metrics, /^holdfast_backup_endpoint_state\{endpoint="127\.0\.0\.1:[0-9]+",state="well"\} 1$/m)
  setting.rpc.staleByMs(600_000)
  await until(async () => (await get('/readyz'))[0] === 503)
  const everything = [metrics, health, ...setting.lines].join('\n')
  t.false(everything.includes('SENTINEL'))
  for (const file of ['identity.json', 'age-identity.txt']) {
    const secrets = (await readFile(join(setting.home, file), 'utf8')).match(/[0-9a-f]{64}|AGE-SECRET\S+/g) ?? []
    for (const secret of secrets) t.false(everything.includes(secret))
  }
})
