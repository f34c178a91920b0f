import test from 'ava'
import { parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import type { ContractView } from '@holdfast/protocol/rpc/ports.ts'
import { LIMITS } from '../src/limits.ts'
import { createActions } from '../src/wiring/actions.ts'
import { createClosers } from '../src/wiring/closers.ts'
import { createSituation } from '../src/wiring/situation.ts'
import { createWaker } from '../src/wiring/waker.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

function clocked() {
  const clock = { ms: 0 }
  const abort = new AbortController()
  const actions = createActions({ signal: abort.signal, log: silentLogger, now: () => clock.ms })
  return { clock, abort, actions }
}

test('call that succeeded - should be made again only if the view does not show it in time', async (t) => {
  const { clock, actions } = clocked()
  let calls = 0
  const want = async () => {
    actions.ensure('conclude_recovery', async () => (calls += 1))
    await settled()
  }
  await want()
  await want()
  t.is(calls, 1)
  clock.ms = LIMITS.actionSettleMs - 1
  await want()
  t.is(calls, 1)
  clock.ms = LIMITS.actionSettleMs
  await want()
  t.is(calls, 2)
})

test('call that fails - should be made again after a growing wait', async (t) => {
  const { clock, actions } = clocked()
  let calls = 0
  const waits: number[] = []
  for (let last = 0; calls < 5; clock.ms += 10) {
    const before = calls
    actions.ensure('x', async () => {
      calls += 1
      throw new Error('refused')
    })
    await settled()
    if (calls > before) {
      waits.push(clock.ms - last)
      last = clock.ms
    }
  }
  t.true(
    waits
      .slice(1)
      .every((wait, i) => wait >= 0.8 * LIMITS.actionMinMs * 2 ** i && wait <= LIMITS.actionMinMs * 2 ** i + 10),
    waits.join(),
  )
})

test('call under way - should not be made twice, and not at all after the stop', async (t) => {
  const { abort, actions } = clocked()
  let calls = 0
  const hang = () => {
    calls += 1
    return new Promise(() => undefined)
  }
  actions.ensure('x', hang)
  actions.ensure('x', hang)
  actions.ensure('y', hang)
  t.is(calls, 2)
  abort.abort()
  actions.ensure('z', hang)
  t.is(calls, 2)
})

const view = (timestampMs: number): ContractView => ({
  block: { height: 5n, hash: 'h', timestampMs },
  state: parseProtocolState('NotInitialized'),
  migrationInfo: {},
  stateJson: 'NotInitialized',
})

test('situation - should answer from a fresh view only', (t) => {
  let now = 1_000_000
  const situation = createSituation(300_000, () => now)
  t.throws(() => situation.phase(), { code: 'VIEW_STALE', message: /none was read yet/ })
  situation.set({ kind: 'submitCandidate' }, view(now))
  now += 300_000
  t.is(situation.phase().kind, 'submitCandidate')
  now += 1
  t.throws(() => situation.phase(), { code: 'VIEW_STALE', message: /300 s old/ })
  t.is(situation.newest()?.phase.kind, 'submitCandidate')
})

test('pause - should end by time, by a wake, by an earlier wake, and by a stop', async (t) => {
  const waker = createWaker()
  const signal = new AbortController().signal
  await waker.pause(5, signal)
  const paused = waker.pause(60_000, signal)
  waker.now()
  await paused
  waker.now()
  await waker.pause(60_000, signal)
  await waker.pause(60_000, AbortSignal.abort())
  t.pass()
})

test('closers - should run backwards, all of them, once', (t) => {
  const order: number[] = []
  const closers = createClosers()
  closers.add(() => order.push(1))
  closers.add(() => {
    throw new Error('cannot close')
  })
  closers.add(() => order.push(3))
  closers.closeAll()
  closers.closeAll()
  t.deepEqual(order, [3, 1])
})
