import test from 'ava'
import { ed25519Key } from './support/keys.ts'
import { CONTRACT, fresh, initArguments, operator, World } from './support/world.ts'

test('init - should enter Running without domains in epoch 0', (t) => {
  const world = new World()
  const { events } = world.do(CONTRACT, 'init', initArguments(3, 2))
  const { Running } = world.state()
  t.deepEqual(Running.keyset, { epoch_id: 0, domains: [] })
  t.deepEqual(Running.domains, { domains: [], next_domain_id: 0 })
  t.is(Running.participants_revision, 0)
  t.is(Running.parameters.threshold, 2)
  t.deepEqual(Running.parameters.participants.participants[1], [
    'op1.near',
    1,
    { url: 'http://node1.example:80', tls_public_key: ed25519Key(1), incarnation: 0 },
  ])
  t.deepEqual(
    events.map(({ event }) => event),
    ['initialized'],
  )
})

test('init - should refuse a second time', (t) => {
  t.is(fresh().call({ account: CONTRACT }, 'init', initArguments(3, 2)).code, 'ALREADY_INITIALIZED')
})

test('init - should refuse anybody but the contract account', (t) => {
  t.is(new World().call({ account: operator(0) }, 'init', initArguments(3, 2)).code, 'NOT_CONTRACT_ACCOUNT')
})

test('init - should refuse every other call before it', (t) => {
  const world = new World()
  t.is(world.kind(), 'NotInitialized')
  t.is(world.call({ account: operator(0) }, 'expire_recoveries', {}).code, 'NOT_INITIALIZED')
})

const thresholds = test.macro({
  exec(t, members: number, accepted: number[]) {
    for (let threshold = 0; threshold <= members + 1; threshold++) {
      const { code } = new World().call({ account: CONTRACT }, 'init', initArguments(members, threshold))
      t.is(code, accepted.includes(threshold) ? null : 'INVALID_THRESHOLD', `threshold ${threshold} of ${members}`)
    }
  },
  title: (_, members: number, accepted: number[]) =>
    `init - should accept thresholds ${accepted.join(', ') || 'none'} of ${members}`,
})
test(thresholds, 1, [])
test(thresholds, 2, [2])
test(thresholds, 3, [2, 3])
test(thresholds, 5, [3, 4, 5])
test(thresholds, 6, [4, 5, 6])

type Break = (args: ReturnType<typeof initArguments>) => void
const participantsOf: (args: Parameters<Break>[0]) => unknown[][] = (args) => args.parameters.participants.participants
const broken = test.macro({
  exec(t, _what: string, change: Break, code: string) {
    const args = initArguments(3, 2)
    change(args)
    t.is(new World().call({ account: CONTRACT }, 'init', args).code, code)
  },
  title: (_, what, _change, code) => `init - should refuse ${what} with ${code}`,
})
test(broken, 'no parameters', (a) => delete a.parameters, 'MISSING_ARGUMENT')
test(broken, 'an unknown argument', (a) => (a.threshhold = 1), 'UNKNOWN_ARGUMENT')
test(broken, 'an unknown setting', (a) => (a.init_config = { key_event_timeout: 1 }), 'UNKNOWN_ARGUMENT')
test(broken, 'a setting of zero', (a) => (a.init_config = { key_event_timeout_blocks: 0 }), 'INVALID_ARGUMENT')
test(broken, 'a threshold as text', (a) => (a.parameters.threshold = '2'), 'INVALID_ARGUMENT')
test(broken, 'a fractional threshold', (a) => (a.parameters.threshold = 2.5), 'INVALID_ARGUMENT')
test(broken, 'an account twice', (a) => (participantsOf(a)[1]![0] = operator(0)), 'INVALID_PARTICIPANTS')
test(broken, 'a participant id twice', (a) => (participantsOf(a)[1]![1] = 0), 'INVALID_PARTICIPANTS')
test(broken, 'an id that is not below next_id', (a) => (participantsOf(a)[1]![1] = 3), 'INVALID_PARTICIPANTS')
test(broken, 'a TLS key twice', (a) => (participantsOf(a)[1]![2] = participantsOf(a)[0]![2]), 'INVALID_PARTICIPANTS')
test(broken, 'an invalid account id', (a) => (participantsOf(a)[1]![0] = 'Op1.near'), 'INVALID_ARGUMENT')
test(broken, 'an account id like __proto__', (a) => (participantsOf(a)[1]![0] = '__proto__'), 'INVALID_ARGUMENT')
test(broken, 'a participant of two fields', (a) => participantsOf(a)[1]!.pop(), 'INVALID_ARGUMENT')
test(broken, 'a list that is none', (a) => (a.parameters.participants.participants = {}), 'INVALID_ARGUMENT')
test(broken, 'a key off the curve', (a) => (info(a).tls_public_key = offCurve), 'INVALID_ARGUMENT')
test(broken, 'a key of another kind', (a) => (info(a).tls_public_key = 'secp256k1:11'), 'INVALID_ARGUMENT')
test(broken, 'a url with a space', (a) => (info(a).url = 'http://a b'), 'INVALID_ARGUMENT')
test(broken, 'an empty url', (a) => (info(a).url = ''), 'INVALID_ARGUMENT')
test(broken, 'a url of 300 characters', (a) => (info(a).url = 'a'.repeat(300)), 'INVALID_ARGUMENT')
test(broken, 'an incarnation other than 0', (a) => (info(a).incarnation = 1), 'INVALID_PARTICIPANTS')

// y = 2 belongs to no point
const offCurve = 'ed25519:8opHzTAnfzRpPEx21XtnrVTX28YQuCpAjcn1PczScKh'
function info(args: Parameters<Break>[0]): Record<string, unknown> {
  return participantsOf(args)[1]![2] as Record<string, unknown>
}

test('init - should take the settings that are given and defaults for the rest', (t) => {
  const world = fresh(3, 2, { recovery_timeout_seconds: 5 })
  t.deepEqual(world.ledger().config.read(), {
    key_event_timeout_blocks: 30,
    recovery_timeout_seconds: 5,
    recovery_cooldown_seconds: 600,
    authorization_default_seconds: 86_400,
  })
})
