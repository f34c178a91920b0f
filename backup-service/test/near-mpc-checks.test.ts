/**
 * What is checked of a backup of near/mpc's keys, of every protocol: all that can be, and of the rest it is said that it cannot.
 * Fails if such a backup is called verified or genuine, or if what cannot be done counts as failed.
 */
import test from 'ava'
import { parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import { parseJson, stringifyJson, type Json } from '@holdfast/protocol/json.ts'
import { upkeepOfHome } from '../src/upkeep/upkeep-of-home.ts'
import { startNearMpc } from './support/near-mpc-setting.ts'
import { MAINNET_STATE, nearMpcRunning, RECORDED_STATES } from './support/near-mpc-vectors.ts'
import { startService } from './support/service-setting.ts'
import { ALICE, key } from './support/views.ts'

const never = new AbortController().signal
const node = [ALICE, 0, { url: 'http://127.0.0.1:1', tls_public_key: key(1) }]

test.serial('a drill - should restore shares of every curve, without a receipt that nobody takes', async (t) => {
  const setting = await startNearMpc(t)
  setting.showRunning()
  await setting.statusWhere(({ covered }) => covered)
  const upkeep = await upkeepOfHome({ home: setting.home, patienceMs: 60_000 })
  t.teardown(() => upkeep.close())
  const sight = await upkeep.sight(never)
  t.false(sight.receipts)
  const { drill, receipts } = await upkeep.perform({ kind: 'drill' }, sight, never)
  t.like(drill, { failure: null, shares: 4, proved_genuine: false })
  t.deepEqual(receipts, { stored: null, drilled: null })
  const { verification } = await upkeep.perform({ kind: 'verify', scope: 'all' }, sight, never)
  t.like(verification, { live: 'matches-group-key', failures: [], shares: 4 })
  const status = await setting.statusWhere(({ checks }) => checks.verification !== null && checks.drill !== null)
  t.is(status.level, 'healthy')
  t.false(status.takes_receipts)
  t.is(
    status.summary,
    'the shares of epoch 5 are backed up (matches the group key; not provable on this network), and were restored in a drill',
  )
  t.notRegex(setting.lines.join('\n'), /verified|genuine|receipt/)
})

test.serial('an upgrade of the contract - should be noticed with the next view, and told', async (t) => {
  const setting = await startNearMpc(t)
  setting.showRunning()
  t.is((await setting.statusWhere(({ covered }) => covered)).network, 'near-mpc 3.14.1')
  setting.rpc.show(setting.running(), setting.registered)
  const status = await setting.statusWhere(({ network, notices }) => network === 'holdfast' && notices.length > 0)
  t.regex(status.notices.map(({ title }) => title).join('\n'), /^the contract is holdfast now$/m)
})

test.serial('a contract that is neither network’s - should be named, and nothing be asked of the node', async (t) => {
  const setting = await startService(t)
  setting.rpc.show(nearMpcRunning({ epoch_id: 1, domains: [] }, [node]), setting.registered)
  const status = await setting.statusWhere(({ last_error }) => last_error?.code === 'UNKNOWN_NETWORK')
  t.is(status.network, null)
  t.regex(status.to_do ?? '', /mpc\.near.*no view version/)
  t.deepEqual(setting.node.requests, [])
})

const MOST = 2n ** 64n - 1n

test.serial('a keyset - should be asked for and stored to the last digit of its numbers', async (t) => {
  const setting = await startNearMpc(t, { epochId: MOST, attempt: MOST - 1n })
  setting.showRunning()
  const status = await setting.statusWhere(({ covered }) => covered)
  t.is(status.last_backup?.epoch_id, MOST)
  const asked = setting.old.requests[0]?.body ?? ''
  t.true(asked.startsWith('{"epoch_id":18446744073709551615,'))
  t.is(asked.split('"attempt":18446744073709551614').length, 5)
})

test('a state - should be read whatever else is in it, to the last digit', (t) => {
  for (const { name, json } of [...RECORDED_STATES, { name: 'mainnet', json: MAINNET_STATE }]) {
    const more = parseJson(
      stringifyJson(json).replaceAll('"threshold":', '"not_known_yet":{"a":[1]},"threshold":'),
      name,
    )
    t.deepEqual(parseProtocolState(more), parseProtocolState(json), name)
    const numbers = parseJson(stringifyJson(json).replaceAll(/"(epoch_id|attempt)":[0-9]+/g, `"$1":${MOST}`), name)
    const read = stringifyJson(parseProtocolState(numbers))
    t.is(read.includes('18446744073709551615'), stringifyJson(numbers).includes('18446744073709551615'), name)
    t.false(/1844674407370955(?!1615)/.test(read), name)
  }
})

const strange: [what: string, state: Json, code: string, names: RegExp][] = [
  [
    'another protocol of signing',
    parseJson(stringifyJson(nearMpcRunning({ epoch_id: 1, domains: [] }, [node])).replace('"CaitSith"', '"Moon"'), ''),
    'INVALID_STATE',
    /Running.*protocol.*"CaitSith".*found "Moon"/,
  ],
  ['another state', { Paused: {} }, 'UNKNOWN_STATE', /found "Paused"/],
]
for (const [what, state, code, names] of strange) {
  test(`${what} - should be refused by name`, (t) => {
    t.throws(() => parseProtocolState(state), { code, message: names })
  })
}
