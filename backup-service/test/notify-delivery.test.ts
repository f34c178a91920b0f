import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import * as v from 'valibot'
import { createLogger, silentLogger } from '@holdfast/protocol/log.ts'
import { httpTargets } from '../src/notify/adapters/http-target.ts'
import { retryAfterMs } from '../src/notify/adapters/https-post.ts'
import { startNotifier, type Notifier } from '../src/notify/notifier.ts'
import { stateFile } from '../src/notify/state.ts'
import { notificationsSchema, type TargetConfig } from '../src/notify/target-config.ts'
import { temporaryDirectory, until } from './support/home.ts'
import { ok, startReceiver, type Receiver, type Reply } from './support/receiver.ts'
import { recovering, running } from './support/serving.ts'
import { ALICE, CONTRACT, OWN_KEY, viewOf } from './support/views.ts'

type Setting = { home: string; lines: string[]; start(configs?: TargetConfig[]): Promise<Notifier> }

async function setting(t: ExecutionContext, receiver: Receiver, { url = receiver.url } = {}): Promise<Setting> {
  const home = await temporaryDirectory(t)
  const lines: string[] = []
  const log = createLogger({ name: 'test', stream: { write: (line: string) => void lines.push(line) } })
  await writeFile(join(home, 'hook'), `${url}\n`, { mode: 0o600 })
  return {
    home,
    lines,
    async start(configs = [{ kind: 'webhook', url_file: 'hook' }]) {
      const notifier = await startNotifier({
        sender: { accountId: ALICE, contractId: CONTRACT },
        home: '/home',
        ownTlsKey: OWN_KEY,
        targets: httpTargets(configs, { home, env: {}, deadlineMs: 500 }),
        keep: stateFile(join(home, 'notifications.json')),
        log,
        courier: { retry: { minMs: 20, maxMs: 100 }, pace: { everyMs: 1, burst: 100 } },
      })
      t.teardown(() => notifier.close())
      return notifier
    },
  }
}

/** Makes one message that goes to everybody. */
function recover(notifier: Notifier): void {
  notifier.view(viewOf(running))
  notifier.view(viewOf(recovering))
}

const titles = ({ received }: Receiver): unknown[] => received.map(({ body }) => body['title'])

test('a message - should arrive once, in Holdfast’s own form, and be done with', async (t) => {
  const receiver = await startReceiver(t)
  const { start } = await setting(t, receiver)
  const notifier = await start()
  recover(notifier)
  recover(notifier)
  await until(() => notifier.state().targets[0]?.waiting === 0 && receiver.received.length > 0)
  t.like(receiver.received[0]?.body, {
    format: 'holdfast/notification/1',
    kind: 'event',
    level: 'critical',
    key: 'recovery',
    account_id: ALICE,
    contract_id: CONTRACT,
  })
  t.deepEqual(notifier.state().targets[0]?.failing, null)
  // The second pair of views told of the recovery's end and of the next one.
  t.is(titles(receiver).length, 3)
})

const refusals: [title: string, reply: Reply, reason: RegExp][] = [
  ['is told 503', (response) => void response.writeHead(503).end(), /503/],
  ['is told 404', (response) => void response.writeHead(404).end('no such hook'), /404/],
  ['hangs', () => undefined, /longer than 500 ms/],
  ['cuts the connection', (response) => void response.socket?.destroy(), /socket hang up|ECONNRESET/],
]
for (const [title, reply, reason] of refusals) {
  test(`a receiver that ${title} - should be named, tried again, and told in the end`, async (t) => {
    const receiver = await startReceiver(t)
    receiver.reply(reply)
    const { start, lines } = await setting(t, receiver)
    const notifier = await start()
    recover(notifier)
    const failing = await until(() => notifier.state().targets[0]?.failing ?? undefined)
    t.regex(failing.reason, reason)
    await until(() => receiver.received.length >= 3)
    receiver.reply(ok)
    await until(() => notifier.state().targets[0]?.waiting === 0)
    t.is(notifier.state().targets[0]?.failing, null)
    const ids = new Set(receiver.received.map(({ body }) => body['id']))
    t.is(ids.size, 1, 'the same message each time')
    t.is(lines.filter((line) => line.includes('cannot be reached')).length, 1)
    t.false(lines.join().includes('SENTINEL'))
  })
}

test('a redirect - should not be followed, for it would hand the secret on', async (t) => {
  const other = await startReceiver(t)
  const receiver = await startReceiver(t)
  receiver.reply((response) => void response.writeHead(307, { location: other.url }).end())
  const { start } = await setting(t, receiver)
  const notifier = await start()
  recover(notifier)
  await until(() => receiver.received.length >= 2)
  t.regex(notifier.state().targets[0]?.failing?.reason ?? '', /redirect, which is not followed/)
  t.deepEqual(other.received, [])
})

test('a receiver with a certificate of its own making - should be told nothing', async (t) => {
  const receiver = await startReceiver(t, { tls: true })
  const { start } = await setting(t, receiver)
  const notifier = await start()
  recover(notifier)
  const failing = await until(() => notifier.state().targets[0]?.failing ?? undefined)
  t.regex(failing.reason, /certificate/)
  t.deepEqual(receiver.received, [])
})

test('a receiver that asks for a pause - should get it', async (t) => {
  const receiver = await startReceiver(t)
  receiver.reply((response) => void response.writeHead(429, { 'retry-after': '1' }).end())
  const { start } = await setting(t, receiver)
  recover(await start())
  await until(() => receiver.received.length === 1)
  receiver.reply(ok)
  await until(() => receiver.received.length === 2)
  const [first, second] = receiver.received
  t.true((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 990, 'back-off alone would have come within 100 ms')
})

test('the pause asked for - should be read from header or body, and never be longer than an hour', (t) => {
  const now = Date.parse('2026-11-21T10:00:00Z')
  t.is(retryAfterMs('7', '', now), 7_000)
  t.is(retryAfterMs('0.5', '', now), 500)
  t.is(retryAfterMs('Sat, 21 Nov 2026 10:00:09 GMT', '', now), 9_000)
  t.is(retryAfterMs('Sat, 21 Nov 2026 09:00:00 GMT', '', now), 0)
  t.is(retryAfterMs('99999999', '', now), 3_600_000)
  t.is(retryAfterMs('soon', '', now), undefined)
  t.is(retryAfterMs(undefined, '{"ok":false,"parameters":{"retry_after":35}}', now), 35_000)
  t.is(retryAfterMs(undefined, 'slow down', now), undefined)
})

test('a message - should be told after a restart that came before anybody was reached', async (t) => {
  const receiver = await startReceiver(t)
  receiver.reply((response) => void response.writeHead(500).end())
  const { start } = await setting(t, receiver)
  const first = await start()
  recover(first)
  await until(() => receiver.received.length > 0)
  await first.close()
  receiver.reply(ok)
  const second = await start()
  await until(() => second.state().targets[0]?.waiting === 0)
  second.view(viewOf(recovering))
  await second.close()
  const told = receiver.received.map(({ body }) => body['id'])
  t.is(new Set(told).size, 1, 'the same recovery is one message, however often it was tried')
})

test('a change that came while nobody looked - should be told at the next start', async (t) => {
  const receiver = await startReceiver(t)
  const { start } = await setting(t, receiver)
  const first = await start()
  first.view(viewOf(running))
  await first.close()
  const second = await start()
  second.view(viewOf(recovering))
  await until(() => receiver.received.length === 1)
  t.regex(String(titles(receiver)[0]), /recovery of alice\.near was requested/)
})

test('a target - should be told what is as bad as it asks for, and always of its own operator', async (t) => {
  const receiver = await startReceiver(t)
  const { start, home } = await setting(t, receiver)
  const configs: TargetConfig[] = [{ kind: 'webhook', url_file: 'hook', min_level: 'emergency' }]
  const notifier = await start(configs)
  notifier.view(viewOf(running, { registered: null }))
  notifier.view(viewOf(running))
  await until(() => receiver.received.length === 1)
  t.is(receiver.received[0]?.body['level'], 'info')
  const [target] = httpTargets(configs, { home, env: {} })
  t.false(target?.wants({ severity: 'critical', always: false, kind: 'opened' }))
  t.true(target?.wants({ severity: 'emergency', always: false, kind: 'opened' }))
  t.true(target?.wants({ severity: 'info', always: false, kind: 'test' }))
})

test('a target that is refused its secret - should say so by the file, and be told once it is right', async (t) => {
  const receiver = await startReceiver(t)
  const { start, home } = await setting(t, receiver)
  await chmod(join(home, 'hook'), 0o644)
  const notifier = await start()
  recover(notifier)
  t.regex((await until(() => notifier.state().targets[0]?.failing ?? undefined)).reason, /hook: found mode 0644/)
  await chmod(join(home, 'hook'), 0o600)
  await until(() => receiver.received.length === 1)
  await until(() => notifier.state().targets[0]?.waiting === 0)
  t.false((await readFile(join(home, 'notifications.json'), 'utf8')).includes('SENTINEL'))
})

for (const url of ['http://192.0.2.1/hook', 'ftp://127.0.0.1/x', 'not a url']) {
  test(`a target - should not be told in the clear or by anything but HTTP (${url})`, async (t) => {
    const receiver = await startReceiver(t)
    const { start } = await setting(t, receiver, { url })
    const notifier = await start()
    recover(notifier)
    t.truthy((await until(() => notifier.state().targets[0]?.failing ?? undefined)).reason)
  })
}

test('a message - should be tried from memory while the disk takes nothing', async (t) => {
  const receiver = await startReceiver(t)
  const { home } = await setting(t, receiver)
  const notifier = await startNotifier({
    sender: { accountId: ALICE, contractId: CONTRACT },
    home: '/home',
    ownTlsKey: OWN_KEY,
    targets: httpTargets([{ kind: 'webhook', url_file: 'hook' }], { home, env: {} }),
    keep: { load: async () => undefined, save: () => Promise.reject(new Error('ENOSPC')) },
    log: silentLogger,
  })
  t.teardown(() => notifier.close())
  recover(notifier)
  await until(() => receiver.received.length === 1)
  t.pass()
})

test('a secret - should be taken from the environment too', async (t) => {
  const receiver = await startReceiver(t)
  const env = { HOOK: receiver.url, TOKEN: 'bearer-SENTINEL' }
  const configs = v.parse(notificationsSchema, [{ kind: 'webhook', url_env: 'HOOK', bearer_env: 'TOKEN' }])
  const [target] = httpTargets(configs, { home: '/nowhere', env })
  const message = {
    id: '1',
    kind: 'test',
    severity: 'info',
    key: 'k',
    title: 't',
    text: 'x',
    atMs: 0,
    always: true,
  } as const
  const sender = { accountId: ALICE, contractId: CONTRACT }
  t.deepEqual(await target?.send(message, sender, new AbortController().signal), { kind: 'sent' })
  t.is(receiver.received[0]?.headers.authorization, 'Bearer bearer-SENTINEL')
  const [other] = httpTargets(configs, { home: '/nowhere', env: {} })
  t.like(await other?.send(message, sender, new AbortController().signal), { kind: 'failed' })
})
