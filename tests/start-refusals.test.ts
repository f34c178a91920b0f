import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { freePorts } from '@holdfast/cli/devnet/address-block.ts'
import { runHoldfast, type Run } from './support/run-holdfast.ts'

/**
 * What a node and a backup service say to a home that they cannot start from: one sentence that names what is wrong and
 * what to do next, the documented exit code, no stack. No chain is needed for any of it.
 */
const RPC = ['--rpc', 'http://127.0.0.1:1', '--account', 'alice.near', '--contract', 'mpc.near']

async function nodeHome(t: ExecutionContext): Promise<{ home: string; port: number }> {
  const home = await temporaryHome(t)
  const mesh = await freePorts(2)
  const url = `http://127.0.0.1:${mesh}`
  const listen = ['--url', url, '--host', '127.0.0.1', '--keyshares-port', String(mesh + 1)]
  const made = await runHoldfast(['node', 'init', '--home', home, ...RPC, ...listen])
  t.is(made.code, 0, made.stderr)
  return { home, port: mesh }
}

async function backupHome(t: ExecutionContext): Promise<string> {
  const home = await temporaryHome(t)
  const made = await runHoldfast(['backup', 'init', '--home', home, ...RPC, '--identity', 'beside'])
  t.is(made.code, 0, made.stderr)
  return home
}

async function temporaryHome(t: ExecutionContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  return home
}

async function editConfig(home: string, edit: (config: Record<string, unknown>) => void): Promise<void> {
  const file = join(home, 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  edit(config)
  await writeFile(file, JSON.stringify(config))
}

function refused(t: ExecutionContext, run: Run, code: number, ...fragments: RegExp[]): void {
  t.is(run.code, code, run.stderr)
  for (const fragment of fragments) t.regex(run.stderr, fragment)
  t.notRegex(run.stderr, /\n\s+at .*:\d+:\d+/, 'no stack')
}

for (const service of ['node', 'backup'] as const) {
  const home = async (t: ExecutionContext) => (service === 'node' ? (await nodeHome(t)).home : backupHome(t))
  const run = (directory: string) => runHoldfast([service, 'run', '--home', directory])

  test(`${service} run - should name an unknown field of its config`, async (t) => {
    const directory = await home(t)
    await editConfig(directory, (config) => (config['rpc_quorom'] = 1))
    refused(t, await run(directory), EXIT_CODES.config, /unknown field "?rpc_quorom"?/)
  })

  test(`${service} run - should name a missing field of its config`, async (t) => {
    const directory = await home(t)
    await editConfig(directory, (config) => delete config['contract_id'])
    refused(t, await run(directory), EXIT_CODES.config, /missing field "?contract_id"?/)
  })

  test(`${service} run - should say that a home was never made`, async (t) => {
    const directory = await temporaryHome(t)
    refused(t, await run(directory), EXIT_CODES.config, new RegExp(`holdfast ${service} init`))
  })

  test(`${service} run - should refuse to start without keys`, async (t) => {
    const directory = await home(t)
    await unlink(join(directory, 'identity.json'))
    refused(t, await run(directory), EXIT_CODES.noKeys, /keys/, new RegExp(`holdfast ${service} init`))
  })

  test(`${service} run - should refuse keys that others may read`, async (t) => {
    const directory = await home(t)
    await chmod(join(directory, 'identity.json'), 0o644)
    refused(t, await run(directory), EXIT_CODES.storage, /0644/, /chmod/)
  })

  test(`${service} init - should not replace keys`, async (t) => {
    const directory = await home(t)
    const before = await readFile(join(directory, 'identity.json'), 'utf8')
    await runHoldfast([
      service,
      'init',
      '--home',
      directory,
      ...RPC,
      ...(service === 'node' ? ['--url', 'http://127.0.0.1:9'] : ['--identity', 'beside']),
    ])
    t.is(await readFile(join(directory, 'identity.json'), 'utf8'), before)
  })
}

test('node run - should name the port that is taken', async (t) => {
  const { home, port } = await nodeHome(t)
  const squatter = createServer().listen(port, '127.0.0.1')
  await once(squatter, 'listening')
  t.teardown(() => squatter.close())
  refused(t, await runHoldfast(['node', 'run', '--home', home]), EXIT_CODES.portInUse, new RegExp(String(port)))
})

test('keys - should print public keys and no secret', async (t) => {
  const { home } = await nodeHome(t)
  const run = await runHoldfast(['keys', '--home', home, '--json'])
  t.is(run.code, 0)
  const { tls_seed, signer_seed } = JSON.parse(await readFile(join(home, 'identity.json'), 'utf8')) as Record<
    string,
    string
  >
  const shown = JSON.parse(run.stdout) as Record<string, string>
  t.regex(shown['tls_public_key'] ?? '', /^ed25519:/)
  t.regex(shown['signer_account_pk'] ?? '', /^ed25519:/)
  for (const seed of [tls_seed, signer_seed]) t.false(run.stdout.includes(String(seed)))
})
