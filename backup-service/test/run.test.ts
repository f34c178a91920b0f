import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { encryptKeyshares } from '@holdfast/protocol/keyshare-transport.ts'
import { serializeKeyshares } from '@holdfast/protocol/keyshare.ts'
import { stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { ONE_ENDPOINT_IS_BELIEVED } from '@holdfast/protocol/rpc/quorum-size.ts'
import { generateAgeIdentity } from '../src/adapters/age-hybrid.ts'
import type { Level } from '../src/status/status.ts'
import { backupStatus } from '../src/backup-status.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { httpAnswer } from './support/node-server.ts'
import { dealt, shares, sharesText, startService } from './support/service-setting.ts'
import { until } from './support/home.ts'

test.serial('service - should back up a new keyset, and give it back to a recovering node', async (t) => {
  const setting = await startService(t)
  setting.rpc.show(setting.running(), setting.registered)
  const safe = await setting.statusWhere(({ level }) => level === 'healthy')
  t.like(safe, { covered: true, registered: true, to_do: null, last_error: null, snapshots: 1, running: true })
  t.like(safe.last_backup, { epoch_id: 5n, proved_genuine: true })
  setting.rpc.show(setting.recovering(), setting.registered)
  await until(() => setting.given.length > 0)
  t.deepEqual(setting.given[0], sharesText)
  await setting.stop()
  const everything = [...setting.lines, await readFile(join(setting.home, 'status.json'), 'utf8')].join('\n')
  for (const { privateShare } of shares) t.false(everything.includes(Buffer.from(privateShare).toString('hex')))
  for (const file of ['identity.json', 'age-identity.txt']) {
    for (const secret of (await readFile(join(setting.home, file), 'utf8')).match(/[0-9a-f]{64}|AGE-SECRET\S+/g) ??
      []) {
      t.false(everything.includes(secret))
    }
  }
  t.false(everything.includes('SENTINEL-API-KEY'))
  t.is(setting.lines.filter((line) => line.includes(ONE_ENDPOINT_IS_BELIEVED)).length, 1)
  t.is((await readdir(join(setting.home, 'repository'))).length, 5)
})

test.serial('service - should act on nothing that one of three endpoints made up, and name it', async (t) => {
  const setting = await startService(t, { endpoints: 3, quorum: 2 })
  const superseded = dealKeyset({ attempt: 1n })
  setting.rpc.fault(1, () => setting.running(superseded.json))
  setting.rpc.show(setting.running(), setting.registered)
  const status = await setting.statusWhere(
    ({ covered, endpoints }) => covered && endpoints.some(({ state }) => state === 'lied'),
  )
  t.is(setting.node.requests[0]?.body, stringifyJson(dealt.json))
  t.is(status.level, 'degraded')
  t.like(status.endpoints[1], { state: 'lied', endpoint: new URL(setting.rpc.urls[1] ?? '').host })
  t.is(status.endpoints[1]?.times.lied, 1)
  t.is(setting.node.requests.length, 1)
})

for (const fault of ['hang', 'error'] as const) {
  test.serial(`service - should go on while one of three endpoints gives a ${fault}`, async (t) => {
    const setting = await startService(t, { endpoints: 3, quorum: 2 })
    setting.rpc.fault(0, fault)
    setting.rpc.show(setting.running(), setting.registered)
    await setting.statusWhere(({ covered }) => covered)
    t.is(setting.node.requests.length, 1)
  })
}

const blind: [
  title: string,
  upset: (rpc: Awaited<ReturnType<typeof startService>>['rpc']) => void,
  code: string,
  level: Level,
][] = [
  ['contradict each other', (rpc) => rpc.fault(0, () => 'NotInitialized'), 'VIEW_DISAGREED', 'waiting'],
  ['are down but for one', (rpc) => rpc.fault(0, 'error'), 'RPC_UNAVAILABLE', 'waiting'],
  ['are ten minutes behind', (rpc) => rpc.staleByMs(600_000), 'VIEW_STALE', 'critical'],
  ['are an hour behind', (rpc) => rpc.staleByMs(3_600_000), 'VIEW_STALE', 'waiting'],
]
for (const [title, upset, code, level] of blind) {
  test.serial(`service - should do nothing and say so while the endpoints ${title}`, async (t) => {
    const setting = await startService(t, { endpoints: 2, quorum: 2 })
    setting.rpc.show(setting.running(), setting.registered)
    upset(setting.rpc)
    const status = await setting.statusWhere(({ last_error }) => last_error?.code === code)
    t.is(status.level, level)
    t.is(status.to_do, status.last_error?.message ?? '')
    t.deepEqual(setting.node.requests, [])
    setting.rpc.fault(0, 'none')
    setting.rpc.show(setting.running(), setting.registered)
    const well = await setting.statusWhere(({ covered }) => covered)
    t.true(well.last_error?.resolved)
  })
}

test.serial('service - should say critical while the node gives shares that are not genuine', async (t) => {
  const other = serializeKeyshares(dealt.sharesOf(1))
  const setting = await startService(t, {
    onGet: (_, socket, channelKey) => void socket.write(httpAnswer('200 OK', encryptKeyshares(other, channelKey))),
  })
  setting.rpc.show(setting.running(), setting.registered)
  const status = await setting.statusWhere(({ last_error }) => last_error !== null)
  t.like(status, { level: 'critical', covered: false, snapshots: 0 })
  t.is(status.last_error?.code, 'KEYSHARE_NOT_ON_POLYNOMIAL')
})

test.serial('service - should tell the operator to register it, and act as soon as he did', async (t) => {
  const setting = await startService(t)
  setting.rpc.show(setting.running(), {})
  const status = await setting.statusWhere(({ doing }) => doing?.kind === 'refuse')
  t.like(status, { level: 'critical', registered: false })
  t.regex(status.to_do ?? '', /holdfast register/)
  setting.rpc.show(setting.running(), setting.registered)
  t.true((await setting.statusWhere(({ covered }) => covered)).registered)
})

test.serial('service - should say what it waits for where there is nothing to back up', async (t) => {
  const setting = await startService(t)
  const nobody: Json = {
    Running: {
      ...(setting.running() as { Running: Record<string, Json> }).Running,
      parameters: { participants: { next_id: 1, participants: [] }, threshold: 2 },
    },
  }
  setting.rpc.show(nobody, setting.registered)
  const status = await setting.statusWhere(({ doing }) => doing?.reason === 'not-participating')
  t.is(status.level, 'waiting')
  t.like(await backupStatus(setting.home), { running: true, level: 'waiting' })
  const silent = await backupStatus(setting.home, Date.now() + 60_000)
  t.like(silent, { running: true, level: 'degraded' })
  t.regex(silent.to_do ?? '', /it hangs; restart it/)
  await setting.stop()
  const stopped = await backupStatus(setting.home)
  t.like(stopped, { running: false, level: 'degraded' }, 'at once, however young its last word')
  t.regex(stopped.to_do ?? '', /does not run.*backup run/)
})

test.serial('service - should back up anew after its age identity was exchanged, and say what was', async (t) => {
  const setting = await startService(t)
  setting.rpc.show(setting.running(), setting.registered)
  const before = (await setting.statusWhere(({ level }) => level === 'healthy')).last_backup?.file
  await setting.stop()
  const { file, recipient } = await generateAgeIdentity()
  await writeFile(join(setting.home, 'age-identity.txt'), file)
  await setting.restart()
  setting.rpc.show(setting.running(), setting.registered)
  await until(() => setting.node.requests.length === 2)
  await setting.statusWhere(({ last_backup, level }) => level === 'healthy' && last_backup?.file !== before)
  t.true(setting.lines.some((line) => /opens with another age identity/.test(line)))
  const names = await readdir(join(setting.home, 'repository'))
  const manifest = names.find((name) => /^manifest-.*-00000002-/.test(name)) ?? ''
  t.true((await readFile(join(setting.home, 'repository', manifest), 'utf8')).includes(recipient))
})
