import test from 'ava'
import { createLimiter } from '../src/signing/limiter.ts'

/** A task that ends when it is told to. */
function task() {
  const { promise, resolve } = Promise.withResolvers<string>()
  let begun = false
  return {
    run: () => {
      begun = true
      return promise
    },
    hasBegun: () => begun,
    end: () => resolve('done'),
  }
}

test('limiter - should run so many at a time, let so many wait in their order, and turn the others away', async (t) => {
  const limit = createLimiter({ atATime: 2, waiting: 2 })
  const tasks = Array.from({ length: 4 }, task)
  const all = tasks.map(({ run }) => limit(run))
  t.deepEqual(
    tasks.map(({ hasBegun }) => hasBegun()),
    [true, true, false, false],
  )
  await t.throwsAsync(
    limit(async () => 'never'),
    { code: 'BUSY', message: /2 are under way and 2 wait/ },
  )
  tasks[1]?.end()
  await all[1]
  await Promise.resolve()
  t.deepEqual(
    tasks.map(({ hasBegun }) => hasBegun()),
    [true, true, true, false],
  )
  for (const { end } of tasks) end()
  t.deepEqual(await Promise.all(all), ['done', 'done', 'done', 'done'])
  t.is(await limit(async () => 'free again'), 'free again')
})

test('limiter - should let nobody wait who has given up, and lose no turn by it', async (t) => {
  const limit = createLimiter({ atATime: 1, waiting: 1 })
  const first = task()
  const running = limit(first.run)
  const patience = new AbortController()
  const second = task()
  const waiting = limit(second.run, patience.signal)
  patience.abort(new Error('given up'))
  await t.throwsAsync(waiting, { message: 'given up' })
  await t.throwsAsync(limit(second.run, patience.signal), { message: 'given up' })
  const third = limit(async () => 'third')
  first.end()
  t.is(await running, 'done')
  t.is(await third, 'third')
  t.false(second.hasBegun())
})

test('limiter - should give the turn on when a task fails', async (t) => {
  const limit = createLimiter({ atATime: 1 })
  const failing = limit(() => Promise.reject(new Error('failed')))
  const next = limit(async () => 'next')
  await t.throwsAsync(failing, { message: 'failed' })
  t.is(await next, 'next')
})
