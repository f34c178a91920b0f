import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'

/**
 * However the demo ends in the middle, it leaves no process behind. Fails without the watchdog (SIGKILL) or without the
 * clean-up (SIGINT).
 */
for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`the demo - should leave no process behind after ${signal}`, async (t) => {
    const { child, home } = await demoWithProcesses(t)
    t.true((await processesOf(home)).length >= 7, 'chain, three nodes and three backup services run')

    child.kill(signal)
    await once(child, 'close')
    const deadline = Date.now() + 10_000
    while ((await processesOf(home)).length > 0 && Date.now() < deadline) await sleep(50)
    t.deepEqual(await processesOf(home), [])
    if (signal === 'SIGINT') {
      t.not(child.exitCode, 0, 'a demo that was cut short is no success')
      await t.throwsAsync(access(home), { code: 'ENOENT' }, 'its files are deleted')
    }
  })
}

async function demoWithProcesses(t: ExecutionContext) {
  const parent = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(parent, { recursive: true, force: true }))
  const home = join(parent, 'demo')
  const size = ['--nodes', '3', '--threshold', '2', '--block-ms', '100']
  const command = holdfastCommand('demo', '--json', '--home', home, ...size)
  const child = spawn(command.program, command.args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  t.teardown(() => void child.kill('SIGKILL'))
  const started = Promise.withResolvers<void>()
  let last = ''
  createInterface(child.stdout)
    .on('line', (line) => {
      last = line
      if ((JSON.parse(line) as { step?: string }).step === 'start the processes') started.resolve()
    })
    .on('close', () => started.reject(new Error(`the demo ended before its processes were started: ${last}`)))
  await started.promise
  return { child, home }
}

/** Command lines of the processes that work below a directory, but for the demo itself. */
async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const lines = await Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (line) => line.replaceAll('\0', ' '),
        () => '',
      ),
    ),
  )
  return lines.filter((line) => line.includes(`${directory}/`))
}
