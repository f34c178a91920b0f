import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseJson, type Json } from '@holdfast/protocol/json.ts'
import { createLogger, silentLogger } from '@holdfast/protocol/log.ts'
import { createCommandPolicy } from '../src/cosigning/command.ts'
import { createConsents } from '../src/cosigning/consents.ts'
import { createPolicy } from '../src/cosigning/create-policy.ts'
import { watchPolicy } from '../src/cosigning/declined-lately.ts'
import { createOwnOperatorPolicy } from '../src/cosigning/own-operator.ts'
import { LIMITS } from '../src/limits.ts'
import type { JudgeMessage, SigningRequest } from '../src/ports.ts'
import { eventually } from './support/network.ts'

const { signal } = new AbortController()
const WANTED = Buffer.from('what is wanted')
const REQUEST: SigningRequest = { coordinator: 'a.near', domainId: 7n, key: 'ed25519:key', message: WANTED }
const OTHER: SigningRequest = { ...REQUEST, message: Buffer.from('what is not') }

async function directoryOf(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hf-policy-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A policy that is a program: this Node.js with these statements, which get the question as `question`. */
async function program(t: ExecutionContext, statements: string, deadlineMs = 60_000): Promise<JudgeMessage> {
  const file = join(await directoryOf(t), 'policy.mjs')
  await writeFile(
    file,
    `import { text } from 'node:stream/consumers'\nconst question = JSON.parse(await text(process.stdin))\n${statements}`,
  )
  return createCommandPolicy({ program: process.execPath, args: [file], deadlineMs }, silentLogger)
}

/** Every policy that looks at the message agrees to what is wanted and to nothing else. */
function testPolicy(name: string, make: (t: ExecutionContext) => JudgeMessage | Promise<JudgeMessage>): void {
  test(`${name} - should agree to the wanted message alone, and say why not to others`, async (t) => {
    const policy = await make(t)
    t.deepEqual(await policy.judge(REQUEST, signal), { kind: 'agreed' })
    for (const other of [OTHER, { ...REQUEST, domainId: 8n }, { ...REQUEST, message: Buffer.from('what is wante') }]) {
      const verdict = await policy.judge(other, signal)
      t.is(verdict.kind, 'declined')
      t.true(verdict.kind === 'declined' && verdict.why.length > 10)
    }
  })
}

testPolicy('own-operator', () => {
  const consents = createConsents()
  consents.give(7n, WANTED, 60_000)
  return createOwnOperatorPolicy(consents)
})
testPolicy('command', (t) =>
  program(t, `process.exit(question.domain_id === 7 && question.message_hex === '${WANTED.toString('hex')}' ? 0 : 1)`),
)
testPolicy('policy that is watched', () => {
  const consents = createConsents()
  consents.give(7n, WANTED, 60_000)
  return watchPolicy(createOwnOperatorPolicy(consents), silentLogger)
})

test('participants - should agree to anything, and warn of it at the start', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const policy = createPolicy({ kind: 'participants' }, createConsents(), log)
  t.deepEqual(await policy.judge(OTHER, signal), { kind: 'agreed' })
  t.is(lines.length, 1)
  t.regex(lines[0] ?? '', /"level":"warn".*whatever any participant asks for/)
})

test('consents - should end, be taken back, never be cut short, and not grow without end', (t) => {
  let now = 1_000
  const consents = createConsents(() => now)
  t.is(consents.give(7n, WANTED, 100), 1_100)
  t.is(consents.give(7n, WANTED, 50), 1_100, 'a shorter one changes nothing')
  now = 1_099
  t.true(consents.covers(7n, WANTED))
  now = 1_100
  t.false(consents.covers(7n, WANTED))
  consents.give(7n, WANTED, 100)
  consents.withdraw(7n, WANTED)
  t.false(consents.covers(7n, WANTED))
  t.is(consents.give(7n, WANTED, 10), 1_110, 'what was taken back does not count')
  for (let i = 0; i < LIMITS.consents; i++) consents.give(0n, Buffer.from(String(i)), 100)
  t.false(consents.covers(7n, WANTED), 'the oldest goes first')
  t.true(consents.covers(0n, Buffer.from('0')))
})

test('command - should be given the question on stdin, and nothing through a shell', async (t) => {
  const file = join(await directoryOf(t), 'question')
  const policy = await program(
    t,
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(file)}, JSON.stringify(question))`,
  )
  t.deepEqual(await policy.judge({ ...REQUEST, key: '$(reboot); `x`' }, signal), { kind: 'agreed' })
  t.deepEqual(parseJson(await readFile(file, 'utf8'), 'the question'), {
    coordinator: 'a.near',
    domain_id: 7,
    key: '$(reboot); `x`',
    message_hex: WANTED.toString('hex'),
  } as Json)
})

for (const [title, statements] of [
  ['exits with another code', 'process.exit(3)'],
  ['crashes', 'throw new Error("broken")'],
  ['is killed', "process.kill(process.pid, 'SIGKILL')"],
] as const) {
  test(`command that ${title} - should decline`, async (t) => {
    t.is((await (await program(t, statements)).judge(REQUEST, signal)).kind, 'declined')
  })
}

test('command that does not exist - should decline, and the log say so', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const policy = createCommandPolicy({ program: '/nowhere/policy', args: [], deadlineMs: 60_000 }, log)
  t.is((await policy.judge(REQUEST, signal)).kind, 'declined')
  t.is((await policy.judge(REQUEST, signal)).kind, 'declined')
  t.is(lines.length, 1, 'once')
  t.regex(lines[0] ?? '', /"level":"error".*\/nowhere\/policy.*ENOENT/)
})

test('command that hangs - should decline at its deadline and be killed with what it started', async (t) => {
  const pids = join(await directoryOf(t), 'pids')
  const policy = await program(
    t,
    `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 1e8)'])
writeFileSync(${JSON.stringify(pids)}, JSON.stringify([process.pid, child.pid]))
setTimeout(() => {}, 1e8)`,
    3_000,
  )
  t.deepEqual(await policy.judge(REQUEST, signal), { kind: 'declined', why: 'its policy gave no answer' })
  await access(pids)
  for (const pid of JSON.parse(await readFile(pids, 'utf8')) as number[])
    await eventually(`the end of process ${pid}`, () => !runs(pid) || undefined)
})

test('command that hangs for one coordinator - should answer the others', async (t) => {
  const policy = await program(t, "if (question.coordinator === 'liar.near') setTimeout(() => {}, 1e8)", 20_000)
  const ended = new AbortController()
  const hung = Array.from({ length: 3 * LIMITS.policyRunsPerPeer }, () =>
    policy.judge({ ...REQUEST, coordinator: 'liar.near' }, ended.signal),
  )
  t.deepEqual(await policy.judge(REQUEST, signal), { kind: 'agreed' })
  ended.abort(new Error('the connection has ended'))
  for (const verdict of await Promise.all(hung)) t.is(verdict.kind, 'declined')
})

test('what was declined - should be listed for the operator, newest first and no more than fit', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', stream: { write: (line: string) => void lines.push(line) } })
  const consents = createConsents()
  const policy = watchPolicy(createOwnOperatorPolicy(consents), log, () => 0)
  for (let i = 0; i < 20; i++) await policy.judge({ ...REQUEST, message: Buffer.from([i]) }, signal)
  const list = policy.declinedLately() as Record<string, Json>[]
  t.is(list.length, 16)
  t.deepEqual(list[0], {
    coordinator: 'a.near',
    domain_id: 7n,
    message_hex: '13',
    why: 'its operator has not asked for this message',
    at: '1970-01-01T00:00:00.000Z',
  })
  t.is(lines.length, 1, 'the log tells of the change, not of every message')
  await policy.judge({ ...REQUEST, message: Buffer.alloc(65) }, signal)
  t.regex(String((policy.declinedLately() as Record<string, Json>[])[0]?.['message_sha256']), /^[0-9a-f]{64}$/)
})

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
