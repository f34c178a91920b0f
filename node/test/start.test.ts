import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import { silentLogger } from '@holdfast/protocol/log.ts'
import { ONE_ENDPOINT_IS_BELIEVED } from '@holdfast/protocol/rpc/quorum-size.ts'
import { parseNodeConfig, type NodeConfig } from '../src/config/config.ts'
import { nodeStatus, signMessage } from '../src/control-client.ts'
import { writeTombstone } from '../src/identity/life.ts'
import { initNode } from '../src/init-node.ts'
import { runNode } from '../src/run-node.ts'
import { contractFor, eventually, makeMachine, removeMachines, startNode, type Machine } from './support/network.ts'

async function machine(t: ExecutionContext): Promise<Machine> {
  const made = await makeMachine('a.near')
  t.teardown(() => removeMachines([made]))
  return made
}

/** Starts it as the program does, expecting a refusal that an operator can act on. */
async function refused(t: ExecutionContext, home: string, code: string, says: RegExp): Promise<void> {
  const error = await t.throwsAsync(runNode({ home, signal: AbortSignal.timeout(10_000), log: silentLogger }))
  t.true(isHoldfastError(error, code), `${String(error)}`)
  t.regex(error?.message ?? '', says)
  t.false((error?.message ?? '').includes('\n    at '))
}

test('start without keys - should be refused and say what to do', async (t) => {
  const { home } = await machine(t)
  await rm(join(home, 'identity.json'))
  await refused(t, home, 'NO_KEYS', /identity\.json.*holdfast node init/)
  await writeFile(join(home, 'identity.json'), '{"tls_seed":"00"}', { mode: 0o600 })
  await refused(t, home, 'NO_KEYS', /two seeds/)
})

test('keys that others may read - should be refused', async (t) => {
  const { home } = await machine(t)
  await chmod(join(home, 'identity.json'), 0o640)
  await refused(t, home, 'SECRET_FILE_EXPOSED', /0640.*0600/)
})

test('start without a home - should be refused', async (t) => {
  await refused(t, join(tmpdir(), 'hf-there-is-none'), 'CONFIG_MISSING', /holdfast node init/)
})

const CONFIGS: { title: string; change: (config: Record<string, unknown>) => void; says: RegExp }[] = [
  { title: 'an unknown field', change: (c) => (c['colour'] = 'red'), says: /unknown field colour/ },
  {
    title: 'an unknown nested field',
    change: (c) => ((c['listen'] as Record<string, unknown>)['colour'] = 1),
    says: /unknown field listen\.colour/,
  },
  { title: 'a missing field', change: (c) => delete c['rpc_quorum'], says: /missing field rpc_quorum/ },
  {
    title: 'a missing nested field',
    change: (c) => delete (c['listen'] as Record<string, unknown>)['mesh_port'],
    says: /missing field listen\.mesh_port/,
  },
  {
    title: 'a port of zero',
    change: (c) => ((c['listen'] as Record<string, unknown>)['mesh_port'] = 0),
    says: /listen\.mesh_port.*>=1/,
  },
  {
    title: 'the same port twice',
    change: (c) => (c['listen'] = { host: '127.0.0.1', mesh_port: 9, keyshares_port: 9 }),
    says: /the same/,
  },
  { title: 'an account that is none', change: (c) => (c['account_id'] = 'A B'), says: /found "A B", expected a NEAR/ },
  {
    title: 'a quorum beyond the endpoints',
    change: (c) => (c['rpc_quorum'] = 2),
    says: /json: field rpc_quorum: .*2 with 1 endpoint is more than there are/,
  },
  {
    title: 'a quorum that a minority could form',
    change: (c) => Object.assign(c, { rpc_urls: ['http://a', 'http://b'], rpc_quorum: 1 }),
    says: /field rpc_quorum: .*no majority.*expected 2; .*name more endpoints/,
  },
  { title: 'an endpoint twice', change: (c) => (c['rpc_urls'] = ['http://a', 'http://a']), says: /twice/ },
  { title: 'no endpoint', change: (c) => (c['rpc_urls'] = []), says: /rpc_urls/ },
  { title: 'an endpoint that is no url', change: (c) => (c['rpc_urls'] = ['ftp://a']), says: /rpc_urls\.0.*http/ },
  { title: 'an own url without http', change: (c) => (c['url'] = 'host:3000'), says: /field url/ },
  { title: 'a poll interval of zero', change: (c) => (c['poll_interval_ms'] = 0), says: /poll_interval_ms.*>=50/ },
  {
    title: 'a cosigning policy that there is not',
    change: (c) => (c['cosign'] = { policy: 'everybody' }),
    says: /field cosign\.policy/,
  },
  {
    title: 'a cosigning command that is missing',
    change: (c) => (c['cosign'] = { policy: 'command' }),
    says: /cosign.*goes with the policy "command"/,
  },
  {
    title: 'a cosigning command that no policy asks',
    change: (c) => (c['cosign'] = { policy: 'own-operator', command: ['/bin/true'] }),
    says: /cosign.*goes with the policy "command"/,
  },
  {
    title: 'a cosigning command that PATH would choose',
    change: (c) => (c['cosign'] = { policy: 'command', command: ['true'] }),
    says: /cosign\.command.*absolute path/,
  },
  {
    title: 'a cosigning deadline beyond what the asking node waits',
    change: (c) => (c['cosign'] = { policy: 'command', command: ['/bin/true'], deadline_ms: 5_000 }),
    says: /cosign\.deadline_ms.*<=4000/,
  },
  { title: 'a negative view age', change: (c) => (c['max_view_age_seconds'] = -1), says: /max_view_age_seconds/ },
]

for (const { title, change, says } of CONFIGS) {
  test(`config with ${title} - should be refused by name`, async (t) => {
    const { home } = await machine(t)
    const path = join(home, 'config.json')
    const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    change(config)
    await writeFile(path, JSON.stringify(config))
    await refused(t, home, 'CONFIG_INVALID', says)
  })
}

for (const [field, value] of [
  ['rpc_urls', ['htps://u:SENTINEL@rpc.example/?apiKey=SENTINEL']],
  ['rpc_urls', 'https://rpc.example/?apiKey=SENTINEL'],
  ['url', 'htp://u:SENTINEL@host:1'],
] as const) {
  test(`config with a wrong ${field} (${typeof value}) - should not quote it, it may hold a secret`, async (t) => {
    const made = await machine(t)
    const error = t.throws(() => parseNodeConfig({ ...made.config, [field]: value }, 'the config'))
    t.regex(error.message, new RegExp(`field ${field}(\\.0)?: expected`))
    t.notRegex(error.message, /SENTINEL|expected expected/)
  })
}

test('a node with one RPC endpoint - should say once at its start that it is believed', async (t) => {
  const made = await machine(t)
  const two = await makeMachine('b.near', { rpc_urls: ['http://127.0.0.1:1', 'http://127.0.0.1:2'], rpc_quorum: 2 })
  t.teardown(() => removeMachines([two]))
  for (const [each, times] of [
    [made, 1],
    [two, 0],
  ] as const) {
    const warned: string[] = []
    const log = { ...silentLogger, warn: (_fields: object, message: string) => void warned.push(message) }
    const node = startNode(each, contractFor([each], 2), log as typeof silentLogger)
    await eventually('a status', async () => (await nodeStatus(each.home))['phase'])
    t.is(warned.filter((message) => message === ONE_ENDPOINT_IS_BELIEVED).length, times)
    await node.stop()
  }
})

test('config that is no JSON - should be refused by name', async (t) => {
  const { home } = await machine(t)
  await writeFile(join(home, 'config.json'), '{')
  await refused(t, home, 'CONFIG_INVALID', /config\.json/)
})

test('tombstone - should refuse every start and say why', async (t) => {
  const { home } = await machine(t)
  await writeTombstone(home, {
    why: 'tls-key-replaced',
    account_id: 'a.near',
    own_tls_public_key: 'ed25519:mine',
    found_tls_public_key: 'ed25519:theirs',
    block_height: 7n,
    at: 'now',
  })
  await refused(t, home, 'TOMBSTONE', /was replaced.*ed25519:theirs.*holdfast node unbury/)
})

for (const field of ['mesh_port', 'keyshares_port'] as const) {
  test(`${field} in use - should be refused by name, closing what was opened`, async (t) => {
    const made = await machine(t)
    const taken = createServer().listen(made.config.listen[field], made.config.listen.host)
    await once(taken, 'listening')
    await refused(t, made.home, 'PORT_IN_USE', new RegExp(`listen\\.${field}.*set another port`))
    taken.close()
    const node = startNode(made, contractFor([made], 2))
    await eventually('a status', () => nodeStatus(made.home))
    t.deepEqual(await node.stop(), { kind: 'stopped' })
  })
}

test('address of another machine - should be refused', async (t) => {
  const made = await makeMachine('a.near', { listen: { host: '192.0.2.1', mesh_port: 4_001, keyshares_port: 4_002 } })
  t.teardown(() => removeMachines([made]))
  await refused(t, made.home, 'CONFIG_INVALID', /192\.0\.2\.1/)
})

test('second node on the same home - should be refused; a socket left by a kill should not matter', async (t) => {
  const made = await machine(t)
  await writeFile(join(made.home, 'control.sock'), '')
  const node = startNode(made, contractFor([made], 2))
  await eventually('a status', () => nodeStatus(made.home))
  t.is((await stat(join(made.home, 'control.sock'))).mode & 0o777, 0o600)
  await refused(t, made.home, 'ALREADY_RUNNING', /another node runs/)
  t.is((await nodeStatus(made.home))['account_id'], 'a.near')
  await node.stop()
  await t.throwsAsync(nodeStatus(made.home), { code: 'NODE_NOT_RUNNING', message: /holdfast node run/ })
})

test('two starts at once on one home - should leave exactly one, undisturbed', async (t) => {
  const made = await machine(t)
  const contract = contractFor([made], 2)
  for (let round = 0; round < 3; round++) {
    const nodes = [startNode(made, contract), startNode(made, contract)]
    const loser = await Promise.race(nodes.map((node, i) => node.ended.catch((error: unknown) => ({ i, error }))))
    if (!('error' in loser)) return t.fail('a node must have been refused')
    t.true(isHoldfastError(loser.error, 'ALREADY_RUNNING'), String(loser.error))
    const winner = nodes[1 - loser.i]
    t.is((await eventually('its status', () => nodeStatus(made.home)))['account_id'], 'a.near')
    t.deepEqual(await winner?.stop(), { kind: 'stopped' })
  }
})

test('node killed without a word - should leave a home that can be started again', async (t) => {
  const made = await machine(t)
  const lock = new URL('../src/storage/home-lock.ts', import.meta.url).href
  const script = `const { lockHome } = await import('${lock}'); await lockHome('${made.home}'); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await refused(t, made.home, 'ALREADY_RUNNING', /another node runs/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const node = startNode(made, contractFor([made], 2))
  await eventually('a status', () => nodeStatus(made.home))
  t.deepEqual(await node.stop(), { kind: 'stopped' })
})

test('control socket - should be private from the first moment', async (t) => {
  const made = await machine(t)
  const seen = new Set<string>()
  const node = startNode(made, contractFor([made], 2))
  t.teardown(() => node.stop())
  let isUp = false
  const look = () => {
    const stats = statSync(join(made.home, 'control.sock'), { throwIfNoEntry: false })
    if (stats !== undefined) seen.add((stats.mode & 0o777).toString(8))
    if (!isUp) setImmediate(look)
  }
  look()
  await eventually('a status', () => nodeStatus(made.home))
  isUp = true
  t.deepEqual([...seen], ['600'])
  t.false(existsSync(join(made.home, '.control')))
})

test('home that others may look into - should be refused at start and at init', async (t) => {
  const made = await machine(t)
  await chmod(made.home, 0o750)
  await refused(t, made.home, 'HOME_EXPOSED', /0750.*chmod 700/)
  const home = join(made.home, 'open')
  await mkdir(home)
  await chmod(home, 0o755)
  await t.throwsAsync(initNode({ home, config: made.config }), { code: 'HOME_EXPOSED' })
  t.false(existsSync(join(home, 'identity.json')))
})

test('home with a path too long for a socket - should be refused before anything is opened', async (t) => {
  const made = await machine(t)
  const home = join(made.home, 'x'.repeat(120))
  await mkdir(home, { mode: 0o700 })
  await initNode({ home, config: made.config })
  await refused(t, home, 'CONFIG_INVALID', /shorter path/)
})

test('backup encryption key - should be 64 hex digits in a file of its owner', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'hf-key-'))
  t.teardown(() => rm(home, { recursive: true }))
  const path = join(home, 'key')
  const made = await makeMachine('a.near', { backup_encryption_key_hex_file: path })
  t.teardown(() => removeMachines([made]))
  await refused(t, made.home, 'SECRET_FILE_MISSING', /key/)
  const secret = 'ab'.repeat(32)
  await writeFile(path, `${secret}\n`, { mode: 0o600 })
  const error = await t.throwsAsync(runNode({ home: made.home, signal: AbortSignal.timeout(5_000), log: silentLogger }))
  t.regex(error?.message ?? '', /65 characters.*64 hex digits and no newline/)
  t.false(error?.message.includes(secret))
})

test('init - should make a private home, and never replace keys', async (t) => {
  const made = await machine(t)
  t.is((await stat(join(made.home, 'identity.json'))).mode & 0o777, 0o600)
  const keys = await readFile(join(made.home, 'identity.json'), 'utf8')
  await t.throwsAsync(initNode({ home: made.home, config: made.config }), { code: 'SECRET_FILE_EXISTS' })
  t.is(await readFile(join(made.home, 'identity.json'), 'utf8'), keys)
  const home = join(made.home, 'new', 'deep')
  await t.throwsAsync(initNode({ home, config: { ...made.config, rpc_quorum: 9 } as NodeConfig }), {
    code: 'CONFIG_INVALID',
  })
  const fresh = await initNode({ home, config: made.config })
  t.not(fresh.tlsPublicKey, made.keys.tlsPublicKey)
  t.is((await stat(home)).mode & 0o777, 0o700)
})

test('stop before the start is complete - should end cleanly', async (t) => {
  const made = await machine(t)
  const node = startNode(made, contractFor([made], 2))
  t.deepEqual(await node.stop(), { kind: 'stopped' })
})

test('control requests that are malformed - should be refused by name', async (t) => {
  const made = await machine(t)
  const node = startNode(made, contractFor([made], 2))
  t.teardown(() => node.stop())
  await eventually('a view', async () => (await nodeStatus(made.home))['phase'] === 'participating' || undefined)
  await t.throwsAsync(signMessage(made.home, -1n, Buffer.from('x')), { code: 'INVALID_REQUEST', message: /domain_id/ })
  await t.throwsAsync(signMessage(made.home, 0n, Buffer.from('x')), { code: 'UNKNOWN_DOMAIN' })
  await t.throwsAsync(signMessage(made.home, 0n, new Uint8Array(70_000)), {
    code: 'INVALID_REQUEST',
    message: /larger/,
  })
})
