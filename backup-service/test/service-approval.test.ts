import test from 'ava'
import { setTimeout as delay } from 'node:timers/promises'
import { FakeApproval, FakeNode } from './support/fakes.ts'
import { until } from './support/home.ts'
import { recovering, recovery, start } from './support/serving.ts'
import { NEW_NODE_KEY, NOW_MS, recordJson } from './support/views.ts'

const REQUEST = { destination: NEW_NODE_KEY, requestedAt: BigInt(NOW_MS - 1_000) * 1_000_000n }
const MINUTE = 60_000
const willing = (): FakeNode => FakeNode.holding(() => [])

test('service - should hold a restore back, and make it as soon as a person says yes, without a new view', async (t) => {
  const approval = FakeApproval.holding(30)
  const setting = await start(t, willing(), { held: true, approval })
  setting.show(recovering)
  await until(() => setting.report.decisions.at(-1)?.kind === 'hold')
  await delay(100)
  t.deepEqual(setting.node.asked, [])
  approval.say({ kind: 'read', answers: [{ ...REQUEST, verdict: 'approved' }] })
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('service - should make a held restore once the time is over by the chain', async (t) => {
  const setting = await start(t, willing(), { held: true, approval: FakeApproval.holding(3) })
  setting.show(recovering, Date.now() - 3 * MINUTE)
  await until(() => setting.report.decisions.at(-1)?.kind === 'hold')
  t.deepEqual(setting.node.asked, [])
  setting.show(recovering, Date.now())
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('service - should stop a delivery when a person says no', async (t) => {
  const approval = FakeApproval.auto()
  const setting = await start(t, FakeNode.hanging(), { held: true, approval })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 1)
  approval.say({ kind: 'read', answers: [{ ...REQUEST, verdict: 'denied' }] })
  setting.show(recovering)
  await until(() => setting.node.givenUp === 1)
  await until(() => setting.report.decisions.at(-1)?.kind === 'refuse')
  setting.node.become(willing())
  setting.show(recovering)
  await delay(300)
  t.is(setting.node.asked.length, 1)
  await setting.stop()
})

test('service - should restore nothing while the answers cannot be read, and say so', async (t) => {
  const approval = FakeApproval.auto()
  approval.say({ kind: 'unreadable', reason: 'torn' })
  const setting = await start(t, willing(), { held: true, approval })
  setting.show(recovering)
  await until(() => setting.report.decisions.at(-1)?.kind === 'refuse')
  t.like(setting.report.decisions.at(-1), { code: 'ANSWERS_UNREADABLE', message: 'torn' })
  t.deepEqual(setting.node.asked, [])
  await setting.stop()
})

test('service - should hold back another request than the approved one', async (t) => {
  const approval = FakeApproval.holding(30)
  approval.say({ kind: 'read', answers: [{ ...REQUEST, verdict: 'approved' }] })
  const setting = await start(t, willing(), { held: true, approval })
  const again = recordJson({ expiresInMs: 10 ** 12 }) as Record<string, string>
  setting.show(recovery({ ...again, requested_at: String(REQUEST.requestedAt + 1n) }))
  await until(() => setting.report.decisions.at(-1)?.kind === 'hold')
  t.deepEqual(setting.node.asked, [])
  await setting.stop()
})
