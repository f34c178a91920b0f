import test from 'ava'
import { parseMigrationInfo, parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import { participantsOf } from '@holdfast/protocol/live-state.ts'
import { awaitRegistration, type Look } from '../src/registration/await-registration.ts'
import { describeRegistration, registrationOf } from '../src/registration/registration.ts'
import { MAINNET_STATE, RECORDED_MIGRATIONS, RECORDED_STATES, recordedCase } from './support/near-mpc-vectors.ts'
import { ALICE, CONTRACT, key, OWN_KEY, runningJson, viewOf } from './support/views.ts'
import { dealKeyset } from './support/dealt-keyset.ts'

const OP0 = 'op0.near'
const running = { Running: runningJson(dealKeyset().json) }

test('registration - should be read from what the contract says of this account alone', (t) => {
  t.is(registrationOf(viewOf('NotInitialized', { registered: null }), ALICE, OWN_KEY).kind, 'not-initialized')
  t.is(registrationOf(viewOf(running), 'bob.near', OWN_KEY).kind, 'not-participating')
  t.is(registrationOf(viewOf(running), 'toString', OWN_KEY).kind, 'not-participating')
  t.is(registrationOf(viewOf(running, { registered: null }), ALICE, OWN_KEY).kind, 'none')
  t.deepEqual(registrationOf(viewOf(running, { registered: key(3) }), ALICE, OWN_KEY), {
    kind: 'other-key',
    found: key(3),
  })
  t.deepEqual(registrationOf(viewOf(running), ALICE, OWN_KEY), { kind: 'registered', signerKey: null })
})

test("registration - should be read from every recorded state of near/mpc's contract", (t) => {
  const migrationInfo = parseMigrationInfo(recordedCase(RECORDED_MIGRATIONS, 'migration_info: backup service only'))
  const found = migrationInfo[OP0]?.[0]?.public_key
  if (found === undefined) return t.fail('the recording has no registration')
  const states = [...RECORDED_STATES, { name: 'mainnet', json: MAINNET_STATE }]
  t.true(states.length > 10)
  for (const { name, json } of states) {
    const state = parseProtocolState(json)
    const isThere = participantsOf(state).some(({ accountId }) => accountId === OP0)
    const expected = isThere ? 'registered' : 'not-participating'
    t.is(registrationOf({ state, migrationInfo }, OP0, found).kind, expected, name)
  }
})

test('registration - should be open to who joins by the resharing that is under way', (t) => {
  const json = recordedCase(RECORDED_STATES, 'state: Resharing, no attempt') as {
    Resharing: { resharing_key: { parameters: { participants: { participants: [string, number, object][] } } } }
  }
  const copy = structuredClone(json)
  const all = copy.Resharing.resharing_key.parameters.participants.participants
  const [first] = all
  if (first === undefined) return t.fail('the recording has no participant')
  all.push(['newcomer.near', 99, first[2]])
  const state = parseProtocolState(copy as never)
  t.is(registrationOf({ state, migrationInfo: {} }, 'newcomer.near', OWN_KEY).kind, 'none')
  t.is(registrationOf({ state, migrationInfo: {} }, 'nobody.near', OWN_KEY).kind, 'not-participating')
})

test('registration - should be waited for through trouble and other keys, and each look be told', async (t) => {
  const other = viewOf(running, { registered: key(3) })
  const views = [new Error('silent'), viewOf('NotInitialized', { registered: null }), other, viewOf(running)]
  const looks: Look[] = []
  await awaitRegistration({
    reader: {
      readView: async () => {
        const next = views.shift()
        if (next === undefined || next instanceof Error) throw next
        return next
      },
    },
    accountId: ALICE,
    tlsKey: OWN_KEY,
    everyMs: 1,
    onLook: (look) => looks.push(look),
    signal: new AbortController().signal,
  })
  const said = looks.map((look) => (look.kind === 'seen' ? look.registration.kind : String(look.error)))
  t.deepEqual(said, ['Error: silent', 'not-initialized', 'other-key', 'registered'])
  for (const look of looks) {
    if (look.kind === 'seen') t.regex(describeRegistration(look.registration, ALICE, CONTRACT), /alice\.near|mpc\.near/)
  }
})

test('registration - should be waited for until told to stop', async (t) => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const wait = awaitRegistration({
    reader: { readView: async () => viewOf(running, { registered: null }) },
    accountId: ALICE,
    tlsKey: OWN_KEY,
    everyMs: 60_000,
    onLook: () => controller.abort(reason),
    signal: controller.signal,
  })
  t.is(await t.throwsAsync(wait), reason)
})
