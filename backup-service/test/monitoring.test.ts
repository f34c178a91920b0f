import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { isPlaceWritable } from '../src/adapters/place-writable.ts'
import { enoughPlacesWritable } from '../src/metrics/places-writable.ts'
import { temporaryDirectory, until } from './support/home.ts'
import { startReceiver } from './support/receiver.ts'
import { startService } from './support/service-setting.ts'

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
