import test from 'ava'
import { FakeNode } from './support/fakes.ts'
import { until } from './support/home.ts'
import { live, next, recovering, running, runningNext, start } from './support/serving.ts'

const CONSERVATIVE_MS = 400_000
const CLOSED_MS = 1_900_000

test('freshness - should go on with a delivery that was begun, and with its retries, on a view that grew old', async (t) => {
  const setting = await start(t, FakeNode.failing('PEER_UNREACHABLE'), { held: true })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 1)
  setting.show(recovering, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.node.asked.length >= 3)
  t.true(setting.report.errors.some((error) => (error as { code?: string }).code === 'VIEW_STALE'))
  setting.node.become(FakeNode.holding(() => []))
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('freshness - should start nothing new on a view that grew old, and what a fresh one asks for at once', async (t) => {
  const setting = await start(
    t,
    FakeNode.answering(() => [...live.sharesOf(0)]),
  )
  setting.show(running, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.report.grades.includes('conservative'))
  setting.show(recovering, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.report.decisions.length === 2)
  t.deepEqual(setting.node.asked, [])
  setting.show(running)
  await until(async () => (await setting.stored()).length === 1)
  await setting.stop()
})

test('freshness - should let go of a delivery that the newest view no longer asks for, old as it may be', async (t) => {
  const setting = await start(t, FakeNode.hanging(), { held: true })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 1)
  setting.show(running, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.node.givenUp === 1)
  setting.show(runningNext, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.report.decisions.at(-1)?.kind === 'backup')
  t.is(setting.node.asked.length, 1)
  await setting.stop()
})

test('freshness - should stop what is under way once the view is closed, and begin it anew on a fresh one', async (t) => {
  const setting = await start(t, FakeNode.hanging(), { held: true })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 1)
  setting.show(recovering, Date.now() - CLOSED_MS)
  await until(() => setting.node.givenUp === 1)
  setting.show(recovering, Date.now() - CONSERVATIVE_MS)
  await until(() => setting.report.grades.at(-1) === 'conservative')
  t.is(setting.node.asked.length, 1, 'what was stopped is not under way any more')
  setting.node.become(FakeNode.holding(() => []))
  setting.show(recovering)
  await until(() => setting.contract.confirmed.length === 1)
  await setting.stop()
})

test('freshness - should notice that a view grows old while nothing else happens', async (t) => {
  const setting = await start(t, FakeNode.hanging(), { held: true, freshness: { normalMs: 400, closedMs: 900 } })
  setting.show(recovering)
  await until(() => setting.node.asked.length === 1)
  await until(() => setting.node.givenUp === 1)
  t.deepEqual([...new Set(setting.report.grades)], ['normal', 'conservative', 'closed'])
  await setting.stop()
})

test('freshness - should take a block from the future for no fresher than one from the past', async (t) => {
  const setting = await start(
    t,
    FakeNode.answering(() => next.sharesOf(0)),
  )
  setting.show(runningNext, Date.now() + CONSERVATIVE_MS)
  await until(() => setting.report.grades.includes('conservative'))
  setting.show(runningNext, Date.now() + CLOSED_MS)
  await until(() => setting.report.grades.includes('closed'))
  t.deepEqual(setting.node.asked, [])
  await setting.stop()
})
