import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { createLogger } from '../src/log.ts'
import { exposition } from '../src/monitoring/exposition.ts'
import { startListener, type ListenerOptions } from '../src/monitoring/http-listener.ts'
import { healthPage, readinessPage } from '../src/monitoring/pages.ts'
import { RateLimit } from '../src/monitoring/rate-limit.ts'
import { isTicking } from '../src/monitoring/ticking.ts'

async function until<T>(find: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(20)) {
    const found = find()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`nothing came of it: ${String(find)}`)
}

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

test('health - should be well while the loop looks at the chain, as long as a look may take', (t) => {
  const now = Date.parse('2026-11-21T10:00:00Z')
  t.true(isTicking(now, now, 1_000))
  t.true(isTicking(now - 63_000, now, 1_000))
  t.false(isTicking(now - 63_001, now, 1_000))
  t.true(isTicking(now - 200_000, now, 60_000))
  t.is(healthPage(true, now).status, 200)
  t.like(healthPage(false, now), { status: 503, text: '{"alive":false,"last_tick":"2026-11-21T10:00:00.000Z"}\n' })
})

test('readiness - should want every condition, and say which does not hold', (t) => {
  t.like(readinessPage({ one: true, two: true }), { status: 200, text: '{"ready":true,"one":true,"two":true}\n' })
  t.like(readinessPage({ one: true, two: false }), { status: 503, text: '{"ready":false,"one":true,"two":false}\n' })
})

test('exposition - should write the values of a table, and nothing for what has none', async (t) => {
  const table = {
    x_seconds: { type: 'gauge', help: 'An x', labels: [] },
    y_total: { type: 'counter', help: 'All y', labels: ['kind'] },
    z: { type: 'gauge', help: 'A z', labels: [] },
  } as const
  const { contentType, text } = await exposition(table, [
    { name: 'x_seconds', labels: {}, value: 1.5 },
    { name: 'y_total', labels: { kind: 'a"b' }, value: 2 },
  ])
  t.regex(contentType, /^text\/plain; version=0\.0\.4/)
  t.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ['x_seconds 1.5', String.raw`y_total{kind="a\"b"} 2`],
  )
})
