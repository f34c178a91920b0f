import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Ajv } from 'ajv'
import test, { type ExecutionContext } from 'ava'
import { holdfastCommand } from '@holdfast/cli/devnet/child-processes.ts'
import { EXIT_CODES } from '@holdfast/protocol/exit-codes.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { backupCliHome, sealedForStorage } from '../backup-service/test/support/backup-cli-home.ts'
import {
  RECORDED_AES_KEY_HEX,
  RECORDED_KEYSET,
  RECORDED_SHARES,
  recordedAnswer,
} from '../backup-service/test/support/near-mpc-exchanges.ts'
import { nearMpcRunning } from '../backup-service/test/support/near-mpc-vectors.ts'
import { startNodeServer } from '../backup-service/test/support/node-server.ts'
import { startRpcStub } from '../backup-service/test/support/rpc-stub.ts'
import { runHoldfast } from './support/run-holdfast.ts'

/** The set-up of a backup service on near/mpc's network as its operator types it: real processes, near/mpc's recorded bytes. */
const SCHEMAS = join(import.meta.dirname, '..', 'backup-service', 'schema')
const OPERATOR = 'op.near'
const OTHER_KEY = publicKeyOfSeed(new Uint8Array(32).fill(3))

async function network(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const node = await startNodeServer((_, socket) => void socket.write(recordedAnswer('GET origin form with Host')))
  t.teardown(() => node.close())
  const rpc = await startRpcStub(2)
  t.teardown(() => rpc.close())
  rpc.view('version', '3.14.1')
  const info = { url: 'http://127.0.0.1:24567', tls_public_key: node.address.tlsPublicKey }
  const show = (registered: string | null, account = OPERATOR): void =>
    rpc.show(
      nearMpcRunning(RECORDED_KEYSET, [[account, 0, info]]),
      registered === null ? {} : { [account]: [{ public_key: registered }, null] },
    )
  show(null)
  const init = (home: string, ...more: string[]): string[] => [
    ...['backup', 'init', '--home', join(directory, home), '--account', OPERATOR, '--contract', 'v1.signer'],
    ...rpc.urls.flatMap((url) => ['--rpc', url]),
    ...['--keyshares-port', String(node.address.port), '--identity', 'beside', ...more],
  ]
  return { directory, show, init }
}

const WITH_AES_KEY = { env: { BACKUP_ENCRYPTION_KEY_HEX: RECORDED_AES_KEY_HEX } }

async function checked<T>(t: ExecutionContext, name: string, stdout: string): Promise<T> {
  const schema = JSON.parse(await readFile(join(SCHEMAS, `${name}.json`), 'utf8')) as object
  const json: unknown = JSON.parse(stdout)
  const validate = new Ajv({ strict: false }).compile(schema)
  t.true(validate(json), JSON.stringify(validate.errors))
  return json as T
}

type Init = { public_key: string; network: string; registered: boolean; near_cli: string[]; imported: string | null }
type Finding = { check: string; verdict: string }

/** A command that waits, and what it has said so far. */
function startHoldfast(args: string[], env: NodeJS.ProcessEnv) {
  const command = holdfastCommand(...args)
  const child = spawn(command.program, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  })
  const closed = once(child, 'close')
  let stderr = ''
  const said = Promise.withResolvers<void>()
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    if (/registered for op\.near/.test(stderr)) said.resolve()
  })
  void closed.then(() => said.resolve())
  const ended = Promise.all([text(child.stdout), closed]).then(([stdout]) => ({ stdout, stderr, code: child.exitCode }))
  return { child, looked: said.promise, ended }
}

test("backup init - should wait until near/mpc's contract names it, and then find all well", async (t) => {
  const { directory, init, show } = await network(t)
  const { child, looked, ended } = startHoldfast(init('home', '--wait'), WITH_AES_KEY.env)
  t.teardown(() => child.kill('SIGKILL'))
  await looked
  const keys = await runHoldfast(['keys', '--home', join(directory, 'home'), '--json'])
  const { tls_public_key: key } = JSON.parse(keys.stdout) as { tls_public_key: string }
  show(key)
  const { stdout, stderr, code } = await ended
  t.is(code, EXIT_CODES.ok, stderr)
  t.regex(stderr, /no backup service is registered for op\.near yet\n.*registered for op\.near\n/s)
  t.true(
    stdout.includes(
      'near contract call-function as-transaction v1.signer register_backup_service ' +
        `json-args '{"backup_service_info":{"public_key":"${key}"}}' prepaid-gas '300 Tgas' ` +
        `attached-deposit '1 yoctoNEAR' sign-as ${OPERATOR} network-config localnet sign-with-keychain send\n`,
    ),
    stdout,
  )
  t.regex(stdout, /network +near-mpc 3\.14\.1/)
  t.regex(stdout, /\n0 wrong, 1 doubtful, \d+ well\n/)
  t.false((stdout + stderr).includes(RECORDED_AES_KEY_HEX))
  const kept = join(directory, 'home', 'near-mpc-key')
  t.is((await stat(kept)).mode & 0o777, 0o600)
  t.is((await readFile(kept, 'utf8')).trim(), RECORDED_AES_KEY_HEX)
})

test('backup init - should leave a good home when it is stopped, and say how to go on', async (t) => {
  const { directory, init, show } = await network(t)
  show(OTHER_KEY)
  const { child, looked, ended } = startHoldfast(init('home', '--wait'), {})
  t.teardown(() => child.kill('SIGKILL'))
  await looked
  child.kill('SIGINT')
  const { stderr, code } = await ended
  t.is(code, 130)
  t.true(stderr.includes(`another backup service is registered for ${OPERATOR}, with TLS key ${OTHER_KEY}`), stderr)
  t.regex(stderr, /The home .* is made and stays.*holdfast backup doctor --home/s)

  const again = await runHoldfast(init('home', '--json'))
  t.is(again.code, EXIT_CODES.ok, again.stderr)
  const made = await checked<Init & { findings: Finding[] }>(t, 'init', again.stdout)
  t.like(made, { network: 'near-mpc 3.14.1', registered: false, imported: null })
  t.is(made.near_cli.length, 1)
  t.is(made.findings.find(({ check }) => check === 'AES key file')?.verdict, 'wrong')
  const doctor = await runHoldfast(['backup', 'doctor', '--home', join(directory, 'home'), '--json'])
  t.is(doctor.code, EXIT_CODES.checkFailed, doctor.stderr)
  const findings = await checked<Finding[]>(t, 'doctor', doctor.stdout)
  t.is(findings.find(({ check }) => check === 'registration')?.verdict, 'wrong')
  const dry = await runHoldfast(['register', '--home', join(directory, 'home'), '--dry-run'])
  t.deepEqual([dry.stdout.trim()], made.near_cli)
})

/** Every file with its content's hash and its mode. */
async function inventory(directory: string): Promise<string[]> {
  const names = (await readdir(directory, { recursive: true })).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(join(directory, name))
      const content = found.isFile() ? await readFile(join(directory, name)) : ''
      return `${name} ${found.mode} ${found.mtimeMs} ${createHash('sha256').update(content).digest('hex')}`
    }),
  )
}

test('backup init --adopt - should take over key and shares, again and again, and change nothing of what it adopts', async (t) => {
  const { directory, init, show } = await network(t)
  const [tlsSeed, aesKey] = [randomBytes(32), randomBytes(16)]
  const file = sealedForStorage(`{"epoch_id":6,"keyshares":${RECORDED_SHARES}}`, aesKey)
  const old = await backupCliHome(t, { files: { epoch_6_with_4_domains: file }, aesKey, tlsSeed })
  const before = await inventory(old)
  show(publicKeyOfSeed(tlsSeed))

  const first = await runHoldfast(init('home', '--adopt', old, '--json'), WITH_AES_KEY)
  t.is(first.code, EXIT_CODES.ok, first.stderr)
  const made = await checked<Init & { findings: Finding[] }>(t, 'init', first.stdout)
  t.like(made, { public_key: publicKeyOfSeed(tlsSeed), registered: true, near_cli: [], imported: 'imported' })
  t.deepEqual(
    made.findings.filter(({ verdict }) => verdict !== 'well').map(({ check }) => check),
    ['notifications'],
  )
  const again = await runHoldfast(init('home', '--adopt', old))
  t.is(again.code, EXIT_CODES.ok, again.stderr)
  t.regex(again.stdout, /held already.*never run backup-cli\s+put-keyshares.*registered already/s)
  t.deepEqual(await inventory(old), before)
  const secrets = [RECORDED_AES_KEY_HEX, tlsSeed.toString('hex'), aesKey.toString('hex')]
  for (const secret of secrets) t.false([first, again].some(({ stdout, stderr }) => (stdout + stderr).includes(secret)))

  await runHoldfast(init('other', '--json'))
  const refused = await runHoldfast(init('other', '--adopt', old))
  t.is(refused.code, EXIT_CODES.config)
  t.regex(refused.stderr, /secrets\.json.*identity\.json holds another one.*IDENTITY_DIFFERS/s)
  const none = await runHoldfast(init('third', '--adopt', directory))
  t.is(none.code, EXIT_CODES.config)
  t.regex(none.stderr, /secrets\.json \(ENOENT\).*NEAR_MPC_HOME_INVALID/)
  const wrongKey = await runHoldfast(init('third', '--adopt', old), { env: { BACKUP_ENCRYPTION_KEY_HEX: 'abc' } })
  t.is(wrongKey.code, EXIT_CODES.config)
  t.regex(wrongKey.stderr, /variable BACKUP_ENCRYPTION_KEY_HEX: found 3 characters, expected 64 hex/)
  await t.throwsAsync(stat(join(directory, 'third')))
})

test('backup init - should refuse endpoints of another chain than it is told', async (t) => {
  const { init } = await network(t)
  const other = await runHoldfast(init('home', '--network', 'mainnet'))
  t.is(other.code, EXIT_CODES.config)
  t.regex(other.stderr, /"stubnet", expected "mainnet"/)
  const both = await runHoldfast(init('home', '--network', 'mainnet', '--chain-id', 'stubnet'))
  t.is(both.code, EXIT_CODES.usage)
})
