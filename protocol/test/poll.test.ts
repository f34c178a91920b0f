import { getEventListeners } from 'node:events'
import test from 'ava'
import { backoff, sleep, withDeadline } from '../src/poll.ts'

const REASON = new Error('stopping')

test('sleep - should end in time and leave no listener', async (t) => {
  const { signal } = new AbortController()
  await sleep(5, signal)
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('sleep - should end with the reason of the signal, at once or in between', async (t) => {
  await t.throwsAsync(sleep(60_000, AbortSignal.abort(REASON)), { is: REASON })
  const controller = new AbortController()
  const sleeping = sleep(60_000, controller.signal)
  controller.abort(REASON)
  await t.throwsAsync(sleeping, { is: REASON })
  t.is(getEventListeners(controller.signal, 'abort').length, 0)
})

test('an act within its deadline - should give its result and leave no listener', async (t) => {
  const { signal } = new AbortController()
  t.is(await withDeadline(async () => 7, 1000, signal, 'adding'), 7)
  await t.throwsAsync(
    withDeadline(() => Promise.reject(REASON), 1000, signal, 'adding'),
    { is: REASON },
  )
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('an act that hangs and ignores its signal - should be given up at the deadline', async (t) => {
  const { signal } = new AbortController()
  let seen: AbortSignal | undefined
  const hang = (stop: AbortSignal) => {
    seen = stop
    return new Promise<never>(() => undefined)
  }
  await t.throwsAsync(withDeadline(hang, 10, signal, 'reading'), {
    code: 'DEADLINE_EXCEEDED',
    message: 'reading took longer than 10 ms',
  })
  t.true(seen?.aborted)
  t.is(getEventListeners(signal, 'abort').length, 0)
})

test('an act - should be abandoned with the reason of the signal, and not begun after it', async (t) => {
  const controller = new AbortController()
  const act = withDeadline(() => new Promise<never>(() => undefined), 60_000, controller.signal, 'reading')
  controller.abort(REASON)
  await t.throwsAsync(act, { is: REASON })
  await t.throwsAsync(
    withDeadline(async () => t.fail('begun'), 60_000, controller.signal, 'reading'),
    { is: REASON },
  )
})

test('back-off - should double up to its maximum and start anew after a success', (t) => {
  const exact = backoff({ minMs: 100, maxMs: 1000, random: () => 0 })
  t.deepEqual(
    [1, 2, 3, 4, 5, 6].map(() => exact.next()),
    [100, 200, 400, 800, 1000, 1000],
  )
  exact.reset()
  t.is(exact.next(), 100)
})

test('back-off - should take off at most a fifth', (t) => {
  const jittered = backoff({ minMs: 100, maxMs: 1000, random: () => 1 })
  t.deepEqual(
    [1, 2].map(() => jittered.next()),
    [80, 160],
  )
})
