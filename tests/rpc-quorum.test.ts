import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { runHoldfast, type Run } from './support/run-holdfast.ts'

/** How many RPC endpoints a new home demands to agree: a lying one must not be able to draw the shares out. */
const WHO = ['--account', 'alice.near', '--contract', 'mpc.near']
const INIT = { node: ['--url', 'http://127.0.0.1:9', '--host', '127.0.0.1'], backup: ['--identity', 'beside'] }

async function init(
  t: ExecutionContext,
  service: keyof typeof INIT,
  endpoints: number,
  options: string[] = [],
): Promise<{ run: Run; quorum: () => Promise<unknown> }> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const rpc = Array.from({ length: endpoints }, (_, index) => ['--rpc', `http://127.0.0.1:1/${index}`]).flat()
  const run = await runHoldfast([service, 'init', '--home', home, ...WHO, ...rpc, ...INIT[service], ...options])
  const quorum = async () => {
    const config = JSON.parse(await readFile(join(home, 'config.json'), 'utf8')) as Record<string, unknown>
    return config['rpc_quorum']
  }
  return { run, quorum }
}

for (const service of ['node', 'backup'] as const) {
  test(`${service} init - should demand a majority of the endpoints`, async (t) => {
    const { run, quorum } = await init(t, service, 3)
    t.is(run.code, EXIT_CODES.ok, run.stderr)
    t.is(await quorum(), 2)
    // That nobody answers at these endpoints is noted; it is nothing to be warned of.
    t.regex(run.stderr, /^(note: the RPC endpoint [^\n]+\n)*$/)
  })

  test(`${service} init - should warn of a single endpoint`, async (t) => {
    const { run, quorum } = await init(t, service, 1)
    t.is(run.code, EXIT_CODES.ok, run.stderr)
    t.is(await quorum(), 1)
    t.regex(run.stderr, /warning: the only RPC endpoint is believed whatever it says.*--rpc may be repeated/)
  })

  test(`${service} init - should refuse a quorum that a minority could form, and make nothing`, async (t) => {
    const { run, quorum } = await init(t, service, 2, ['--rpc-quorum', '1'])
    t.is(run.code, EXIT_CODES.usage, run.stderr)
    t.regex(run.stderr, /--rpc-quorum 1: .*no majority.*expected 2;/)
    await t.throwsAsync(quorum(), { code: 'ENOENT' })
  })
}

test('status - should refuse a quorum that a minority could form', async (t) => {
  const rpc = ['--rpc', 'http://127.0.0.1:1/a', '--rpc', 'http://127.0.0.1:1/b', '--rpc-quorum', '1']
  const run = await runHoldfast(['status', '--contract', 'mpc.near', ...rpc])
  t.is(run.code, EXIT_CODES.usage, run.stderr)
  t.regex(run.stderr, /no majority/)
})
