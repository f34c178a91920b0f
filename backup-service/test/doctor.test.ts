import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { Finding } from '@holdfast/protocol/doctor/finding.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { examineBackup } from '../src/doctor/examine-backup.ts'
import { RECORDED_AES_KEY_HEX, recordedAnswer } from './support/near-mpc-exchanges.ts'
import { HOLDS_THEM, doctorSetting, type DoctorSetting } from './support/doctor-setting.ts'
import { httpAnswer, startNodeServer, type Answer } from './support/node-server.ts'
import { key, migrationJson, NEW_NODE_KEY, NODE_KEY } from './support/views.ts'

const METHODS = ['confirm_share_delivery', 'report_backup']

async function examine({ home }: DoctorSetting): Promise<Map<string, Finding>> {
  const findings = await examineBackup({ home, serviceMethods: METHODS, signal: new AbortController().signal })
  for (const each of findings) {
    if (each.verdict !== 'well' && each.todo === '') throw new TypeError(`${each.check} does not say what to do`)
  }
  return new Map(findings.map((finding) => [finding.check, finding]))
}

/** The only check that is wrong, or a failed test. */
function onlyWrong(
  t: ExecutionContext,
  findings: Map<string, Finding>,
  check: string,
): { found: string; todo: string } {
  const wrong = [...findings.values()].filter(({ verdict }) => verdict === 'wrong')
  t.deepEqual(
    wrong.map((each) => each.check),
    [check],
    inspect(wrong),
  )
  const [finding] = wrong
  return finding?.verdict === 'wrong' ? finding : { found: '', todo: '' }
}

async function editConfig({ home }: DoctorSetting, change: (config: Record<string, unknown>) => void): Promise<void> {
  const file = join(home, 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(config)
  await writeFile(file, JSON.stringify(config))
}

test("doctor - should find a service on near/mpc's network well, having sent nothing and changed nothing", async (t) => {
  const setting = await doctorSetting(t)
  const before = await readdir(setting.home)
  const findings = await examine(setting)
  for (const [check, { verdict, found }] of findings) {
    if (!['service', 'notifications'].includes(check)) t.is(verdict, 'well', `${check}: ${found}`)
  }
  t.regex(findings.get('contract')?.found ?? '', /^near-mpc 3\.14\.1, Running, agreed by 2 of 2/)
  t.regex(
    findings.get('node answer')?.found ?? '',
    /^each of its 4 shares of epoch 6: matches the group key; not provable on this network$/,
  )
  t.deepEqual(
    setting.node.requests.map(({ method }) => method),
    ['GET'],
  )
  t.deepEqual(await readdir(setting.home), before)
  t.false(inspect([...findings.values()]).includes(RECORDED_AES_KEY_HEX))
  t.false(inspect([...findings.values()]).includes('SENTINEL'))
})

test("doctor - should open with either key, where the operator's new near/mpc node has another than the one before", async (t) => {
  const setting = await doctorSetting(t, {
    aesKey: 'b7'.repeat(32),
    config: { near_mpc_new_node_key_file: 'new-node-aes' },
  })
  const file = join(setting.home, 'new-node-aes')
  await writeFile(file, RECORDED_AES_KEY_HEX, { mode: 0o600 })
  t.is((await examine(setting)).get('node answer')?.verdict, 'well')
  await writeFile(file, 'no key')
  const unreadable = await examine(setting)
  t.is(unreadable.get('AES key file of a new node')?.verdict, 'wrong')
  t.regex((unreadable.get('AES key') as { todo: string }).todo, /see what is said of the AES key file/)
})

const recorded =
  (name: string): Answer =>
  (_, socket) =>
    void socket.write(recordedAnswer(name))
const close: Answer = (_, socket) => void socket.end()

type Trouble = {
  title: string
  answer?: Answer
  aesKey?: string | null
  spoil?: (setting: DoctorSetting) => unknown
  check: string
  found?: RegExp
  todo: RegExp
}

const troubles: Trouble[] = [
  {
    title: 'that nobody is registered',
    answer: close,
    spoil: ({ show }) => show({ registered: null }),
    check: 'registration',
    todo: /register_backup_service.*1 yoctoNEAR/,
  },
  {
    title: 'that another service is registered, though the node still answers this one',
    spoil: ({ show }) => show({ registered: key(3) }),
    check: 'registration',
    found: /another backup service/,
    todo: /one service only/,
  },
  {
    title: 'that the node has not seen the registration yet',
    answer: close,
    check: 'node answer',
    todo: /the node does not know it yet.*debug\/migrations/,
  },
  {
    title: 'another AES key',
    aesKey: 'b7'.repeat(32),
    check: 'AES key',
    todo: /compare near_mpc_key_file.*the same 64 hex digits/,
  },
  {
    title: 'no AES key',
    aesKey: null,
    check: 'AES key',
    todo: /backup_encryption_key_hex into a file.*near_mpc_key_file/,
  },
  {
    title: 'a node that could not encrypt and says so with 200',
    answer: (_, socket) => void socket.write(httpAnswer('200 OK', 'encryption failed')),
    check: 'node answer',
    todo: /could not encrypt/,
  },
  {
    title: 'a node that does not hold these keys',
    answer: recorded('GET newer epoch'),
    check: 'node answer',
    found: /with 500: Failed to get keyshares/,
    todo: /does not hold exactly these keys/,
  },
  {
    title: 'a port without key shares',
    answer: recorded('GET /'),
    check: 'node answer',
    todo: /correct keyshares_port/,
  },
  {
    title: 'a node that gives one share twice',
    answer: recorded('GET one domain twice'),
    check: 'node answer',
    todo: /do not trust this node/,
  },
  {
    title: "another machine than the contract's",
    spoil: ({ show }) => show({ nodeKey: NODE_KEY }),
    check: 'node TLS key',
    found: /found TLS key ed25519.*expected ed25519/,
    todo: /your node and no other/,
  },
  {
    title: 'an account that takes no part',
    spoil: ({ show }) => show({ account: 'bob.near' }),
    check: 'account',
    todo: /compare account_id/,
  },
  {
    title: 'the port of the mesh',
    spoil: ({ show, node }) => show({ url: `http://127.0.0.1:${node.address.port}` }),
    check: 'node address',
    todo: /set keyshares_port.*8079 or 8081/,
  },
  {
    title: 'a url without a scheme',
    spoil: ({ show }) => show({ url: '127.0.0.1:3000' }),
    check: 'node address',
    todo: /update_participant_url/,
  },
  {
    title: 'a host that is not known',
    spoil: ({ show }) => show({ url: 'http://nosuch.invalid:3000' }),
    check: 'node port',
    todo: /nc -vz nosuch\.invalid/,
  },
  {
    title: 'a port where nobody listens',
    spoil: (setting) => editConfig(setting, (config) => (config['keyshares_port'] = 1)),
    check: 'node port',
    found: /nothing listens there/,
    todo: /that the node runs.*if it is lost: start the new node and name it with start_node_migration/,
  },
  {
    title: 'a port that speaks no TLS',
    spoil: (setting) =>
      editConfig(setting, (config) => (config['keyshares_port'] = Number(new URL(setting.rpc.urls[0] ?? '').port))),
    check: 'node TLS key',
    found: /speaks no TLS/,
    todo: /not the web or debug port/,
  },
  {
    title: 'keys that others may read',
    spoil: ({ home }) => chmod(join(home, 'identity.json'), 0o644),
    check: 'keys',
    todo: /mode 0600/,
  },
  {
    title: 'a home that others may look into',
    spoil: ({ home }) => chmod(home, 0o755),
    check: 'home is private',
    todo: /chmod/,
  },
  {
    title: 'no identity to open the backups with',
    spoil: ({ home }) => rm(join(home, 'age-identity.txt')),
    check: 'backups open',
    todo: /from your copy/,
  },
  {
    title: 'a place that is gone',
    spoil: ({ home }) => rm(join(home, 'repository'), { recursive: true }),
    check: 'place repository',
    todo: /not mounted/,
  },
  {
    title: 'a config with an unknown field',
    spoil: (setting) => editConfig(setting, (config) => (config['rpc_url'] = 'x')),
    check: 'configuration',
    found: /unknown field "rpc_url"/,
    todo: /mend config\.json/,
  },
  {
    title: 'a clock that is behind',
    spoil: ({ rpc }) => rpc.staleByMs(-60_000),
    check: 'clock',
    todo: /NTP/,
  },
]

for (const { title, spoil, check, found, todo, ...options } of troubles) {
  test(`doctor - should find ${title}, and nothing else wrong`, async (t) => {
    const setting = await doctorSetting(t, options)
    await spoil?.(setting)
    const finding = onlyWrong(t, await examine(setting), check)
    t.regex(finding.todo, todo)
    if (found !== undefined) t.regex(finding.found, found)
  })
}

/** What near/mpc's key-share port says to HTTP in the clear: a TLS record, alert, fatal, decode_error. */
const TLS_ALERT = Buffer.from('15030300020232', 'hex')

test('doctor - should tell a web server and an MPC node from a NEAR RPC, and say that one lies or is silent', async (t) => {
  const mpc = createTcpServer((socket) => void socket.on('error', () => undefined).end(TLS_ALERT)).listen(
    0,
    '127.0.0.1',
  )
  const web = createServer((_, response) => response.end('MPC node')).listen(0, '127.0.0.1')
  await Promise.all([once(web, 'listening'), once(mpc, 'listening')])
  t.teardown(() => void (web.close(), mpc.close()))
  const setting = await doctorSetting(t)
  const [first = '', second = ''] = setting.rpc.urls
  const strangers = [web, mpc].map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for (const stranger of strangers) {
    await editConfig(setting, (config) => (config['rpc_urls'] = [first, stranger]))
    const findings = await examine(setting)
    const finding = findings.get(`RPC ${new URL(stranger).host}`)
    t.is(finding?.verdict, 'wrong', inspect(finding))
    t.regex((finding as { todo: string }).todo, /NEAR JSON-RPC provider.*MPC node is none/)
    t.is(findings.get('contract')?.verdict, 'wrong')
  }
  await editConfig(setting, (config) => Object.assign(config, { rpc_urls: [first, second], chain_id: 'mainnet' }))
  t.regex((await examine(setting)).get(`RPC ${new URL(first).host}`)?.found ?? '', /"stubnet", expected "mainnet"/)
  await editConfig(setting, (config) => delete config['chain_id'])
  setting.rpc.fault(1, 'error')
  const silent = await examine(setting)
  t.is(silent.get(`RPC ${new URL(second).host}`)?.verdict, 'doubtful')
  t.regex(silent.get('contract')?.found ?? '', /1 of 2/)
  await editConfig(setting, (config) => Object.assign(config, { rpc_urls: [first], rpc_quorum: 1 }))
  t.is((await examine(setting)).get('RPC endpoints')?.verdict, 'doubtful')
})

test('doctor - should wait a little for a node that has just been registered with, if it is told to', async (t) => {
  let asked = 0
  const setting = await doctorSetting(t, {
    answer: (_, socket) => void (++asked > 2 ? socket.write(recordedAnswer(HOLDS_THEM)) : socket.end()),
  })
  const options = { home: setting.home, serviceMethods: METHODS, signal: new AbortController().signal }
  const findings = await examineBackup({ ...options, patienceMs: 60_000 })
  t.is(findings.find(({ check }) => check === 'node answer')?.verdict, 'well')
  t.is(asked, 3)
})

/** Where the new node listens: its port is the present one's, for both are the config's. */
const ELSEWHERE = '127.0.0.2'

test('doctor - should find well a new node that a migration names, and ask it nothing, whether the present one is lost or not', async (t) => {
  const setting = await doctorSetting(t)
  const destination = await startNodeServer(
    () => t.fail('it was asked'),
    createTlsIdentity(new Uint8Array(32).fill(73)),
    setting.node.address.port,
    ELSEWHERE,
  )
  t.teardown(() => destination.close())
  const migration = migrationJson({ url: `http://${ELSEWHERE}:3000`, tlsKey: destination.address.tlsPublicKey })
  for (const [url, present] of [
    ['http://127.0.0.1:3000', 'well'],
    ['http://127.0.0.3:3000', 'doubtful'],
  ] as const) {
    setting.show({ url, migration })
    const findings = await examine(setting)
    t.deepEqual(
      [...findings.values()].filter(({ verdict }) => verdict === 'wrong'),
      [],
    )
    t.is(findings.get('node port')?.verdict, present)
    t.is(findings.get('new node port')?.verdict, 'well')
    t.is(findings.get('new node TLS key')?.verdict, 'well')
  }
  const lost = (await examine(setting)).get('node port')
  t.regex((lost as { todo: string }).todo, /if it is lost, look at the checks of the new node/)
})

test('doctor - should find a new node that is not there, and one whose key the migration does not name', async (t) => {
  const setting = await doctorSetting(t)
  setting.show({ migration: migrationJson({ url: `http://${ELSEWHERE}:3000` }) })
  const missing = onlyWrong(t, await examine(setting), 'new node port')
  t.regex(missing.found, /^127\.0\.0\.2:\d+ does not answer/)
  t.notRegex(missing.todo, /if it is lost/)
  setting.show({ migration: migrationJson({ url: 'http://127.0.0.1:3000', tlsKey: NEW_NODE_KEY }) })
  t.regex(onlyWrong(t, await examine(setting), 'new node TLS key').todo, /your new node.*cancel_node_migration/)
})
