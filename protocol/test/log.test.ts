import { inspect } from 'node:util'
import test from 'ava'
import { HoldfastError } from '../src/errors.ts'
import { changeLogger, createLogger, silentLogger, type LogLevel } from '../src/log.ts'

const SENTINEL = 'be77785a9cc891cb29e3'

function logger(level?: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  return { lines, log: createLogger({ name: 'node', stream, ...(level !== undefined && { level }) }) }
}

test('a line - should be JSON with level, time, name, message and flat fields', (t) => {
  const { lines, log } = logger()
  log.info({ epoch_id: 6n, port: 80, ok: true, account_id: 'a.near', domains: ['0', '1'] }, 'backed up')
  t.like(lines[0], {
    level: 'info',
    name: 'node',
    msg: 'backed up',
    epoch_id: '6',
    port: 80,
    ok: true,
    account_id: 'a.near',
    domains: ['0', '1'],
  })
  t.regex(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT.*Z$/)
})

test('levels below the chosen one - should be dropped', (t) => {
  const { lines, log } = logger('warn')
  log.info({}, 'a')
  log.warn({}, 'b')
  t.deepEqual(
    lines.map(({ msg }) => msg),
    ['b'],
  )
})

test('a secret - should not get into a line by any road', (t) => {
  const { lines, log } = logger('trace')
  const bytes = Buffer.from(SENTINEL)
  const share = {
    privateShare: bytes,
    private_share: SENTINEL,
    toJSON: () => SENTINEL,
    toString: () => SENTINEL,
    [inspect.custom]: () => SENTINEL,
  }
  log.error(
    { tls_seed: SENTINEL, signerSeed: SENTINEL, private_share: SENTINEL, aes_key: SENTINEL, token: SENTINEL },
    'names',
  )
  log.error(
    { share, bytes, nested: { a: { b: SENTINEL } }, list: [share, bytes], map: new Map([['a', SENTINEL]]) },
    'values',
  )
  log.child({ password: SENTINEL, share }).info({}, 'child')
  log.error({ err: Object.assign(new HoldfastError('X', 'failed'), { share, cause: share, seed: SENTINEL }) }, 'error')
  changeLogger(log)('info', 'changed', { seed: SENTINEL })
  t.is(lines.length, 5)
  t.false(JSON.stringify(lines).includes(SENTINEL))
  t.false(JSON.stringify(lines).includes(bytes.toString('hex')))
})

test('an expected failure - should be logged with its code and no stack, a bug with one', (t) => {
  const { lines, log } = logger()
  log.error({ err: new HoldfastError('PEER_CLOSED', 'closed') }, 'x')
  log.error({ err: new TypeError('bug') }, 'x')
  t.deepEqual(lines[0]?.err, { message: 'closed', code: 'PEER_CLOSED' })
  t.regex(String((lines[1]?.err as { stack?: string }).stack), /log\.test\.ts/)
})

test('a long text - should be cut', (t) => {
  const { lines, log } = logger()
  log.info({ reason: 'x'.repeat(5000) }, 'long')
  t.regex(String(lines[0]?.reason), /^x{600}… \(5000 characters\)$/)
})

test('a change logger - should log what differs from the last line only', (t) => {
  const { lines, log } = logger()
  const say = changeLogger(log)
  say('info', 'waiting', { for: 'authorisation' })
  say('info', 'waiting', { for: 'authorisation' })
  say('info', 'waiting', { for: 'shares' })
  say('warn', 'waiting', { for: 'shares' })
  say('info', 'waiting', { for: 'authorisation' })
  t.deepEqual(
    lines.map((line) => [line.level, line.for]),
    [
      ['info', 'authorisation'],
      ['info', 'shares'],
      ['warn', 'shares'],
      ['info', 'authorisation'],
    ],
  )
})

test('the silent logger - should take everything', (t) => {
  t.notThrows(() => silentLogger.child({ a: 1 }).error({}, 'x'))
})
