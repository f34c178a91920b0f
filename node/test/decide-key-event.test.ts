import test from 'ava'
import { createAttemptPace } from '../src/key-events/attempt-pace.ts'
import { decideKeyEvent, type KeyEventStep } from '../src/key-events/decide-key-event.ts'
import type { KeyEventPart } from '../src/key-events/key-event-driver.ts'
import { LIMITS } from '../src/limits.ts'
import { decidePhase } from '../src/phases/decide-phase.ts'
import { initializing, factsOf, KEYS, MINE_AND_OTHERS, type InstanceJson } from './support/states.ts'
import type { ProtocolState } from '@holdfast/protocol/contract-state.ts'

const ALL = ['me.near', 'bob.near', 'carol.near']
const instance = (completed: number[]): InstanceJson => ({ attempt_id: 2, started_in: 90, expires_on: 130, completed })

function partIn(state: ProtocolState, account = 'me.near'): KeyEventPart {
  const tlsKey = account === 'bob.near' ? KEYS.bob : KEYS.mine
  const own = { accountId: account, url: '', tlsKey, signerKey: KEYS.signer, tookPart: true, concludesAs: undefined }
  const phase = decidePhase(own, factsOf(state))
  if (phase.kind !== 'participating' || phase.work === undefined) throw new TypeError(phase.kind)
  return { work: phase.work, self: phase.self.participantId }
}

const next = { epochId: 4n, domainId: 1n, attemptId: 3n }
const current = { ...next, attemptId: 2n }
const ROWS: {
  title: string
  state: ProtocolState
  account?: string
  connected?: string[]
  height?: bigint
  step: KeyEventStep
}[] = [
  {
    title: 'leader with everyone connected',
    state: initializing(MINE_AND_OTHERS),
    step: { kind: 'startInstance', attempt: next },
  },
  {
    title: 'leader with somebody away',
    state: initializing(MINE_AND_OTHERS),
    connected: ['bob.near'],
    step: { kind: 'waitForPeers', missing: ['carol.near'] },
  },
  {
    title: 'follower without an attempt',
    state: initializing(MINE_AND_OTHERS),
    account: 'bob.near',
    step: { kind: 'waitForLeader', leader: 'me.near' },
  },
  {
    title: 'an attempt under way',
    state: initializing(MINE_AND_OTHERS, instance([1])),
    step: { kind: 'makeShare', attempt: current },
  },
  {
    title: 'an attempt under way with somebody away',
    state: initializing(MINE_AND_OTHERS, instance([])),
    connected: [],
    step: { kind: 'makeShare', attempt: current },
  },
  {
    title: 'an attempt this node voted in',
    state: initializing(MINE_AND_OTHERS, instance([0])),
    step: { kind: 'waitForOthers', attempt: current },
  },
  {
    title: 'an attempt one block before its expiry',
    state: initializing(MINE_AND_OTHERS, instance([])),
    height: 129n,
    step: { kind: 'makeShare', attempt: current },
  },
  {
    title: 'leader at the expiry of an attempt',
    state: initializing(MINE_AND_OTHERS, instance([0])),
    height: 130n,
    step: { kind: 'startInstance', attempt: next },
  },
  {
    title: 'follower at the expiry of an attempt',
    state: initializing(MINE_AND_OTHERS, instance([])),
    account: 'bob.near',
    height: 130n,
    step: { kind: 'waitForLeader', leader: 'me.near' },
  },
  {
    title: 'another protocol',
    state: initializing(MINE_AND_OTHERS, null, 'CaitSith'),
    step: { kind: 'unsupported', protocol: 'CaitSith' },
  },
]

for (const { title, state, account, connected = ALL, height = 100n, step } of ROWS) {
  test(`key event, ${title} - should ${step.kind}`, (t) => {
    const { work, self } = partIn(state, account)
    t.deepEqual(decideKeyEvent(work, self, height, new Set(connected)), step)
  })
}

test('leader - should start the first attempt at once and slow down on the next ones', (t) => {
  let now = 0
  const mayStart = createAttemptPace(() => now)
  const attempt = (domainId: bigint, attemptId: bigint) => ({ epochId: 4n, domainId, attemptId })
  t.true(mayStart(attempt(0n, 0n)))
  t.true(mayStart(attempt(0n, 0n)), 'the same again')
  t.false(mayStart(attempt(0n, 1n)))
  now = LIMITS.keygenPaceMinMs
  t.true(mayStart(attempt(0n, 1n)))
  now += LIMITS.keygenPaceMinMs
  t.false(mayStart(attempt(0n, 2n)))
  now += LIMITS.keygenPaceMinMs
  t.true(mayStart(attempt(0n, 2n)))
  t.true(mayStart(attempt(1n, 0n)), 'another key')
})
