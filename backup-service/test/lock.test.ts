import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { EXIT_CODES, exitCodeOf } from '@holdfast/protocol/exit-codes.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { LOCK_FILE, lockDirectory } from '../src/adapters/directory-lock.ts'
import { initBackupService } from '../src/init-backup-service.ts'
import { runBackupService } from '../src/run-backup-service.ts'
import { configOf, temporaryDirectory } from './support/home.ts'

const LOCK = new URL('../src/adapters/directory-lock.ts', import.meta.url).href

/** Another process that tries to lock the directory, says how that went, and stays. */
async function locker(t: ExecutionContext, directory: string): Promise<{ said: string; child: ChildProcess }> {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(LOCK)})
    const said = await lockDirectory(${JSON.stringify(directory)}).then(() => 'held', (error) => error.code)
    process.stdout.write(said)
    setInterval(() => undefined, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return { said: said.toString(), child }
}

test('lock - should be held by one process, and go with it when it is killed', async (t) => {
  const directory = await temporaryDirectory(t)
  const holder = await locker(t, directory)
  t.is(holder.said, 'held')
  await t.throwsAsync(lockDirectory(directory), { code: 'ALREADY_RUNNING', message: /stop it first/ })
  holder.child.kill('SIGKILL')
  await once(holder.child, 'exit')
  const lock = await lockDirectory(directory)
  lock.release()
})

test('lock - should be won by exactly one of several that start at once', async (t) => {
  const directory = await temporaryDirectory(t)
  const said = await Promise.all([1, 2, 3].map(async () => (await locker(t, directory)).said))
  t.deepEqual(said.toSorted(), ['ALREADY_RUNNING', 'ALREADY_RUNNING', 'held'])
})

test('lock - should be for its directory alone', async (t) => {
  const locks = [await lockDirectory(await temporaryDirectory(t)), await lockDirectory(await temporaryDirectory(t))]
  for (const lock of locks) lock.release()
  t.is(locks.length, 2)
})

for (const [what, held] of [
  ['home', (home: string) => home],
  ['repository', (home: string) => join(home, 'repository')],
] as const) {
  test(`run - should refuse a ${what} that another service works on, and touch nothing in it`, async (t) => {
    const home = await temporaryDirectory(t)
    await initBackupService({ home, config: configOf() })
    const underway = '.epoch-1-00.age.0123456789ab.tmp'
    await writeFile(join(home, 'repository', underway), 'half')
    const other = await lockDirectory(held(home))
    const error = await t.throwsAsync(runBackupService({ home, signal: AbortSignal.abort(), log: silentLogger }), {
      code: 'ALREADY_RUNNING',
      message: new RegExp(held(home)),
    })
    t.is(exitCodeOf(error), EXIT_CODES.portInUse)
    t.true((await readdir(join(home, 'repository'))).includes(underway))
    other.release()
    await runBackupService({ home, signal: AbortSignal.abort(), log: silentLogger })
    t.deepEqual(await readdir(join(home, 'repository')), [LOCK_FILE])
    await runBackupService({ home, signal: AbortSignal.abort(), log: silentLogger })
  })
}
