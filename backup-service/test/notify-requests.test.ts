import test from 'ava'
import * as v from 'valibot'
import { MESSAGE_KINDS, type Message } from '../src/notify/message.ts'
import { requestFor } from '../src/notify/requests.ts'
import { SEVERITIES } from '../src/notify/severity.ts'
import { notificationsSchema, secretOf, targetNames, urlFault, type TargetConfig } from '../src/notify/target-config.ts'
import { bounded, KEEP_MS, MOST_WAITING, nextFor, tried, without } from '../src/notify/outbox.ts'
import { ALICE, CONTRACT } from './support/views.ts'

const sender = { accountId: ALICE, contractId: CONTRACT }
const message = (changes: Partial<Message> = {}): Message => ({
  id: 'id-1',
  kind: 'opened',
  severity: 'critical',
  key: 'view-stale',
  title: 'the view is <old> & stale',
  text: 'Look at it.',
  atMs: Date.parse('2026-11-21T10:00:00Z'),
  always: false,
  ...changes,
})
const URL_SECRET = 'https://hooks.example/T0/SENTINEL'
const bodyOf = (target: TargetConfig, about: Message, main = URL_SECRET): Record<string, unknown> =>
  JSON.parse(requestFor(target, { main }, about, sender).body) as Record<string, unknown>

const slack: TargetConfig = { kind: 'slack', url_file: 's' }
const discord: TargetConfig = { kind: 'discord', url_file: 's' }
const telegram: TargetConfig = { kind: 'telegram', token_file: 's', chat_id: '-1001' }
const pagerduty: TargetConfig = { kind: 'pagerduty', routing_key_file: 's' }
const webhook: TargetConfig = { kind: 'webhook', url_file: 's' }
const LONG = message({ title: 'x'.repeat(5_000), text: 'y'.repeat(5_000) })

test('Slack - should be sent one text with its control characters escaped', (t) => {
  const { url } = requestFor(slack, { main: URL_SECRET }, message(), sender)
  t.is(url, URL_SECRET)
  const { text } = bodyOf(slack, message())
  t.is(
    text,
    '[CRITICAL] the view is &lt;old&gt; &amp; stale\nLook at it.\nalice.near on mpc.near, 2026-11-21T10:00:00.000Z',
  )
  t.true(String(bodyOf(slack, LONG)['text']).length <= 4_000)
})

test('Discord - should ping nobody, and fit', (t) => {
  t.like(bodyOf(discord, message({ title: '@everyone' })), { allowed_mentions: { parse: [] } })
  t.true(String(bodyOf(discord, LONG)['content']).length <= 2_000)
})

test('Telegram - should have the token in the path and nowhere else', (t) => {
  const { url, body } = requestFor(telegram, { main: '12:SENTINEL' }, message(), sender)
  t.is(url, 'https://api.telegram.org/bot12:SENTINEL/sendMessage')
  t.false(body.includes('SENTINEL'))
  t.like(JSON.parse(body), { chat_id: '-1001' })
  t.true(String(bodyOf(telegram, LONG)['text']).length <= 4_096)
  const own = requestFor({ ...telegram, api_url: 'http://127.0.0.1:1/' }, { main: 'x' }, message(), sender)
  t.is(own.url, 'http://127.0.0.1:1/botx/sendMessage')
})

test('PagerDuty - should open an incident for a condition and resolve the same', (t) => {
  const { url } = requestFor(pagerduty, { main: 'R0' }, message(), sender)
  t.is(url, 'https://events.pagerduty.com/v2/enqueue')
  const opened = bodyOf(pagerduty, message(), 'R0')
  t.like(opened, { routing_key: 'R0', event_action: 'trigger', payload: { severity: 'error', source: ALICE } })
  const resolved = bodyOf(pagerduty, message({ kind: 'resolved', id: 'id-2' }), 'R0')
  t.is(resolved['event_action'], 'resolve')
  t.is(resolved['dedup_key'], opened['dedup_key'])
  const [one, other] = ['id-1', 'id-2'].map(
    (id) => bodyOf(pagerduty, message({ kind: 'event', id }), 'R0')['dedup_key'],
  )
  t.not(one, other, 'what happened twice is two incidents')
  const { summary } = bodyOf(pagerduty, LONG, 'R0')['payload'] as { summary: string }
  t.true(summary.length <= 1_024)
})

test('a webhook - should carry its bearer token as a header', (t) => {
  const { headers, body } = requestFor(webhook, { main: URL_SECRET, bearer: 'SENTINEL' }, message(), sender)
  t.is(headers['authorization'], 'Bearer SENTINEL')
  t.false(body.includes('SENTINEL'))
})

test('every target - should say the level, the kind and the account of every message', (t) => {
  for (const target of [slack, discord, telegram, pagerduty, webhook]) {
    for (const kind of MESSAGE_KINDS) {
      for (const severity of SEVERITIES) {
        const { body } = requestFor(target, { main: URL_SECRET }, message({ kind, severity }), sender)
        t.regex(body, /alice\.near/)
        if (kind === 'resolved') t.regex(body, /resolve/i)
      }
    }
  }
})

const accepted: unknown[] = [
  [],
  [{ kind: 'slack', url_file: 'slack-url' }],
  [{ kind: 'slack', url_env: 'SLACK_URL', min_level: 'emergency', name: 'on-call' }],
  [
    { kind: 'slack', url_file: 'a' },
    { kind: 'slack', url_file: 'b' },
  ],
  [{ kind: 'telegram', token_env: 'T', chat_id: '@channel_of_ours' }],
  [{ kind: 'pagerduty', routing_key_file: 'k', api_url: 'https://events.eu.pagerduty.com' }],
]
const refused: [unknown, RegExp][] = [
  [[{ kind: 'email', url_file: 'x' }], /kind/],
  [[{ kind: 'slack' }], /exactly one/],
  [[{ kind: 'slack', url_file: 'x', url_env: 'X' }], /exactly one/],
  [[{ kind: 'slack', url: 'https://hooks.example/SENTINEL' }], /never|url/],
  [[{ kind: 'webhook', url_file: 'x', bearer_file: 'a', bearer_env: 'B' }], /at most one/],
  [[{ kind: 'slack', url_file: 'x', min_level: 'panic' }], /info/],
  [[{ kind: 'telegram', token_file: 'x', chat_id: 'nobody' }], /chat id/],
  [[{ kind: 'telegram', token_file: 'x', chat_id: '1', api_url: 'http://example.org' }], /https/],
  [
    [
      { kind: 'slack', url_file: 'x', name: 'discord' },
      { kind: 'discord', url_file: 'y' },
    ],
    /different name/,
  ],
  [[{ kind: 'slack', url_file: 'x', name: 'Über' }], /a-z/],
]
for (const [index, config] of accepted.entries()) {
  test(`config - should be taken, number ${index}`, (t) => {
    t.true(v.safeParse(notificationsSchema, config).success)
  })
}
for (const [index, [config, says]] of refused.entries()) {
  test(`config - should be refused without its values, number ${index}`, (t) => {
    const result = v.safeParse(notificationsSchema, config)
    const [issue] = result.issues ?? []
    const said = `${v.getDotPath(issue as v.BaseIssue<unknown>)} ${issue?.expected} ${issue?.message.replace(/received.*/, '')}`
    t.regex(said, says)
    t.false(said.includes('SENTINEL'))
  })
}

test('targets - should be told apart by name, or by kind and number', (t) => {
  t.deepEqual(targetNames([slack, slack, { ...slack, name: 'on-call' }, discord]), [
    'slack',
    'slack-2',
    'on-call',
    'discord',
  ])
  t.deepEqual(secretOf(pagerduty), { file: 's' })
  t.deepEqual(secretOf({ kind: 'telegram', token_env: 'T', chat_id: '1' }), { env: 'T' })
  for (const url of ['http://127.0.0.1:9/', 'http://localhost/', 'http://[::1]:2/', 'https://x.example/'])
    t.is(urlFault(new URL(url)), undefined, url)
  for (const url of ['http://x.example/', 'http://127.0.0.1.example/', 'http://localhost.example/', 'file:///etc/x'])
    t.truthy(urlFault(new URL(url)), url)
})

test('the outbox - should give way to what matters, and forget what is too old', (t) => {
  const entry = (n: number, changes: Partial<Message> = {}) => ({
    target: 'slack',
    tries: 0,
    message: message({ id: `${n}`, atMs: n, ...changes }),
  })
  const recovery = entry(0, { severity: 'info', always: true })
  const warnings = Array.from({ length: MOST_WAITING }, (_, n) => entry(n + 1, { severity: 'warning' }))
  const { outbox, dropped } = bounded([recovery, ...warnings, entry(999, { severity: 'emergency' })], 1_000)
  t.is(dropped, 2)
  t.is(outbox.length, MOST_WAITING)
  t.true(outbox.includes(recovery), 'the oldest of all, and about the operator himself')
  t.false(outbox.some(({ message: { id } }) => id === '1' || id === '2'))
  t.deepEqual(bounded([recovery], KEEP_MS), { outbox: [], dropped: 1 })
})

test('the outbox - should not let a message that is refused stand before others', (t) => {
  const [first, second] = ['1', '2'].map((id, n) => ({ target: 'slack', tries: 0, message: message({ id, atMs: n }) }))
  if (first === undefined || second === undefined) return t.fail()
  const outbox = [first, second, { ...second, target: 'discord' }]
  t.is(nextFor(outbox, 'slack'), first)
  t.is(nextFor(tried(outbox, first), 'slack'), second)
  t.is(nextFor(without(outbox, first), 'slack'), second)
  t.is(without(outbox, second).length, 2)
  t.is(nextFor(outbox, 'nobody'), undefined)
  return undefined
})
