/**
 * A whole backup service on near/mpc's network: its state as recorded, its nodes over real TLS with every hazard that
 * near-mpc.md 3.2, 4.2 and 4.8 tell of. Fails if a lost node is not given its shares without a hand, or given up on.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'
import { answerRequest } from '../src/approval/answer-request.ts'
import { homePaths } from '../src/home-paths.ts'
import { upkeepOfHome } from '../src/upkeep/upkeep-of-home.ts'
import { dealKeyset } from './support/dealt-keyset.ts'
import { until } from './support/home.ts'
import { startNearMpc, type NearMpcSetting } from './support/near-mpc-setting.ts'
import { httpAnswer } from './support/node-server.ts'

const never = new AbortController().signal

async function backedUp(setting: NearMpcSetting): Promise<void> {
  setting.showRunning()
  await setting.statusWhere(({ covered }) => covered)
}

/** The new node serves exactly what the old one holds. */
function hasAll({ fresh, old }: NearMpcSetting): boolean {
  return fresh.held.length === old.held.length
}

test.serial('a migration - should give the new node its shares by itself, and see that it has them', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh, dealt } = setting
  await backedUp(setting)
  const before = await setting.statusWhere(({ last_backup }) => last_backup !== null)
  t.is(before.network, 'near-mpc 3.14.1')
  t.like(before.last_backup, { proved_genuine: false })
  t.is(before.summary, 'the shares of epoch 5 are backed up (matches the group key; not provable on this network)')
  fresh.index(dealt.keyset)
  setting.showRunning({ to: fresh })
  const read = await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
  t.like(read.last_restore, { claim: 'migration', concluded: false })
  t.is(read.level, 'recovering')
  t.deepEqual(fresh.held, dealt.sharesOf(0))
  t.is(fresh.puts.length, 1)
  setting.showRunning({ of: fresh })
  const after = await setting.statusWhere(({ level }) => level === 'healthy')
  t.true(after.last_restore?.concluded)
  const titles = (await setting.statusWhere(({ notices }) => notices.length >= 4)).notices.map(({ title }) => title)
  for (const title of [/^a migration of .* was started/, /shares of .* were delivered/, /migration of .* is concluded/])
    t.is(titles.filter((one) => title.test(one)).length, 1, String(title))
  t.is(fresh.puts.length, 1)
})

test.serial('a migration - should be served as soon as its destination listens', async (t) => {
  const setting = await startNearMpc(t)
  await backedUp(setting)
  await setting.fresh.close()
  setting.showRunning({ to: setting.fresh })
  const waiting = await setting.statusWhere(({ last_error }) => last_error?.resolved === false)
  t.is(waiting.last_error?.code, 'PEER_UNREACHABLE')
  t.is(waiting.level, 'recovering')
  const fresh = await setting.open()
  fresh.index(setting.dealt.keyset)
  await until(() => fresh.held.length > 0)
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
})

test.serial('a migration - should survive that the node drops its connections when it reads of it', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh, dealt } = setting
  await backedUp(setting)
  let dropped = 0
  fresh.meddle = ({ method }) => {
    if (method !== 'PUT' || dropped >= 3) return undefined
    dropped += 1
    return ''
  }
  setting.showRunning({ to: fresh })
  await until(() => dropped === 3 && fresh.puts.length > 0)
  // Now in the middle of the reading back.
  fresh.index(dealt.keyset)
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
  t.true(hasAll(setting))
})

test.serial(
  'a migration - should not take a 200 for more than it is: what another wrote over it is sent again',
  async (t) => {
    const setting = await startNearMpc(t)
    const { fresh, dealt } = setting
    await backedUp(setting)
    setting.showRunning({ to: fresh })
    await until(() => fresh.puts.length === 1)
    fresh.overwrite(dealt.sharesOf(0).slice(1))
    fresh.index(dealt.keyset)
    t.is(fresh.held.length, 0)
    await until(() => fresh.puts.length === 2 && hasAll(setting))
    await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
    t.regex(setting.lines.join('\n'), /DELIVERY_NOT_READ_BACK|took the shares and does not serve them/)
  },
)

test.serial('a migration back - should say that the node must be started again, and go on when it was', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh, dealt } = setting
  await backedUp(setting)
  fresh.closeChannel()
  setting.showRunning({ to: fresh })
  const refused = await setting.statusWhere(({ last_error }) => last_error?.code === 'DESTINATION_NEEDS_RESTART')
  t.regex(refused.to_do ?? '', /127\.0\.0\.2.* until it is started again.*restart it/)
  fresh.restart()
  fresh.index(dealt.keyset)
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
  t.true(hasAll(setting))
})

test.serial('a migration - should not count as done while the node serves other shares', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh, dealt } = setting
  await backedUp(setting)
  fresh.held = dealt.sharesOf(1)
  setting.showRunning({ to: fresh })
  const status = await setting.statusWhere(({ last_error }) => last_error?.code === 'DELIVERY_DIFFERS')
  t.is(status.last_restore?.delivery, null)
  t.is(status.level, 'recovering')
})

test.serial('a migration - should be taken at the word of a node that serves nothing', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh } = setting
  await backedUp(setting)
  fresh.meddle = ({ method }) => (method === 'GET' ? httpAnswer('404 Not Found', 'Not Found') : undefined)
  setting.showRunning({ to: fresh })
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'said')
  t.is(fresh.puts.length, 1)
})

test.serial('a migration - should be given up when its record goes, and begin anew with another', async (t) => {
  const setting = await startNearMpc(t)
  const { fresh, old } = setting
  await backedUp(setting)
  fresh.closeChannel()
  setting.showRunning({ to: fresh })
  await setting.statusWhere(({ last_error }) => last_error?.code === 'DESTINATION_NEEDS_RESTART')
  setting.showRunning()
  await setting.statusWhere(({ doing, last_error }) => doing?.kind === 'idle' && last_error?.resolved === true)
  fresh.restart()
  const asked = fresh.requests.length
  // The key that the node has already is no request.
  setting.showRunning({ to: old })
  const height = (await setting.statusWhere(({ view }) => view !== null)).view?.block_height ?? 0n
  setting.showRunning()
  await setting.statusWhere(({ doing, view }) => doing?.kind === 'idle' && (view?.block_height ?? 0n) > height)
  t.is(fresh.requests.length, asked)
  setting.showRunning({ to: fresh })
  await until(() => fresh.puts.length === 1)
})

test.serial('a migration - should send nothing to a machine without the key that the contract names', async (t) => {
  const setting = await startNearMpc(t)
  await backedUp(setting)
  await setting.fresh.close()
  const impostor = await setting.open({ seed: 83 })
  setting.showRunning({ to: setting.fresh })
  const status = await setting.statusWhere(({ last_error }) => last_error?.code === 'PEER_WRONG_KEY')
  t.true(status.to_do?.includes(impostor.address.tlsPublicKey))
  t.deepEqual(impostor.requests, [])
})

test.serial('a migration - should name the key that another node has, and use it once it is told', async (t) => {
  const setting = await startNearMpc(t)
  const { dealt, home } = setting
  await backedUp(setting)
  await setting.fresh.close()
  const aesKey = Buffer.alloc(32, 6)
  const fresh = await setting.open({ aesKey })
  fresh.index(dealt.keyset)
  setting.showRunning({ to: fresh })
  const status = await setting.statusWhere(({ last_error }) => last_error?.code === 'DESTINATION_OTHER_KEY')
  t.regex(status.to_do ?? '', /127\.0\.0\.2.*near_mpc_new_node_key_file/)
  await writeFile(join(home, 'new-node-key'), aesKey.toString('hex'), { mode: 0o600 })
  const config = JSON.parse(await readFile(homePaths(home).config, 'utf8')) as object
  await writeFile(homePaths(home).config, JSON.stringify({ ...config, near_mpc_new_node_key_file: 'new-node-key' }))
  await setting.restart()
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
  t.deepEqual(fresh.held, dealt.sharesOf(0))
  // It is the operator's node now, and a new keyset is fetched from it under its own key.
  const next = dealKeyset({ epochId: 6n, commitments: false })
  fresh.held = next.sharesOf(0)
  setting.showRunning({ of: fresh, keyset: next.json })
  await setting.statusWhere(({ covered, live_keyset }) => covered && live_keyset?.epoch_id === 6n)
})

test.serial('a migration - should wait for a yes where restores are held, also over a restart', async (t) => {
  const setting = await startNearMpc(t, { config: { restore_approval: { mode: 'hold', minutes: 60 } } })
  const { fresh, dealt } = setting
  await backedUp(setting)
  fresh.index(dealt.keyset)
  setting.showRunning({ to: fresh })
  const held = await setting.statusWhere(({ doing }) => doing?.kind === 'hold')
  await setting.restart()
  const again = await setting.statusWhere(({ doing, running }) => running && doing?.kind === 'hold')
  t.is(again.doing?.reason, held.doing?.reason)
  t.is(fresh.requests.length, 0)
  await answerRequest({ home: setting.home, verdict: 'approved', destination: fresh.address.tlsPublicKey })
  await setting.statusWhere(({ last_restore }) => last_restore?.delivery === 'read-back')
  t.true(hasAll(setting))
})

test.serial('a migration - should be served by hand too, at an address that a person gives', async (t) => {
  const setting = await startNearMpc(t, { config: { restore_approval: { mode: 'hold', minutes: 60 } } })
  const { fresh, dealt } = setting
  await backedUp(setting)
  fresh.index(dealt.keyset)
  setting.showRunning({ to: fresh })
  await setting.statusWhere(({ doing }) => doing?.kind === 'hold')
  const upkeep = await upkeepOfHome({ home: setting.home })
  t.teardown(() => upkeep.close())
  const delivery = await upkeep.restoreTo(fresh.address, never)
  t.like(delivery, { shares: 4, delivery: 'read-back' })
  t.true(hasAll(setting))
  await t.throwsAsync(upkeep.restoreTo(setting.old.address, never), { code: 'OTHER_DESTINATION' })
})

test.serial('a lying endpoint - should keep a superseded attempt from being asked for, let alone stored', async (t) => {
  const setting = await startNearMpc(t, { endpoints: 2, quorum: 2 })
  setting.rpc.fault(1, (state) => parseJson(stringifyJson(state).replace('"attempt":0', '"attempt":7'), 'a lie'))
  setting.showRunning()
  const status = await setting.statusWhere(({ last_error }) => last_error?.code === 'VIEW_DISAGREED')
  t.false(status.covered)
  t.is(status.snapshots, 0)
  t.deepEqual(setting.old.requests, [])
  setting.rpc.fault(1, 'none')
  await setting.statusWhere(({ covered }) => covered)
})
