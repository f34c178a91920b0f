import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { freePorts } from '@holdfast/cli/devnet/address-block.ts'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'
import { runHoldfast } from './support/run-holdfast.ts'

/** What a supervisor is told by the real command: "do not restart me" must not look like any other failure. */
const WHO = ['--rpc', 'http://127.0.0.1:1', '--account', 'alice.near', '--contract', 'mpc.near']
/** What a running service holds for itself, as a file of its home. */
const HELD = { node: 'control.sock', backup: 'status.json' }

async function madeHome(t: ExecutionContext, service: 'node' | 'backup'): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const mesh = await freePorts(2)
  const address = ['--url', `http://127.0.0.1:${mesh}`, '--host', '127.0.0.1', '--keyshares-port', String(mesh + 1)]
  const made = await runHoldfast([
    service,
    'init',
    '--home',
    home,
    ...WHO,
    ...(service === 'node' ? address : ['--identity', 'beside']),
  ])
  t.is(made.code, EXIT_CODES.ok, made.stderr)
  return home
}

for (const service of ['node', 'backup'] as const) {
  test(`${service} run - should say by its exit code that the config is no JSON`, async (t) => {
    const home = await madeHome(t, service)
    await writeFile(join(home, 'config.json'), '{', { mode: 0o600 })
    const run = await runHoldfast([service, 'run', '--home', home])
    t.is(run.code, EXIT_CODES.config, run.stderr)
  })

  test(`${service} run - should say by its exit code that another one runs`, async (t) => {
    const home = await madeHome(t, service)
    const { program, args } = holdfastCommand(service, 'run', '--home', home)
    const first = spawn(program, args, { stdio: 'ignore' })
    t.teardown(() => first.kill('SIGKILL'))
    const ended = once(first, 'exit')
    for (let tries = 0; tries < 200 && !(await exists(join(home, HELD[service]))); tries++) await delay(100)
    const second = await runHoldfast([service, 'run', '--home', home])
    t.is(second.code, EXIT_CODES.portInUse, second.stderr)
    t.regex(second.stderr, /ALREADY_RUNNING/)
    first.kill('SIGTERM')
    t.deepEqual(await ended, [EXIT_CODES.ok, null])
  })
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
