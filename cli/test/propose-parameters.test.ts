import test from 'ava'
import { parseProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import { domainThresholds } from '../src/domain-option.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'
import { proposeParameters, type ParameterChange } from '../src/operator/propose-parameters.ts'
import { describeVote } from '../src/operator/vote-new-parameters.ts'

const key = (n: number) => publicKeyOfSeed(Buffer.alloc(32, n))
const info = (n: number) => ({ url: `http://node${n}.example:80`, tls_public_key: key(n) })

/** Five participants, ids 0 to 5 without 3, one of which has recovered once; a key that 3 shares sign with. */
const RUNNING = {
  domains: {
    domains: [{ id: 0, protocol: 'Frost', reconstruction_threshold: 3, purpose: 'Sign' }],
    next_domain_id: 1,
  },
  keyset: { epoch_id: 4, domains: [] },
  parameters: {
    participants: {
      next_id: 6,
      participants: [0, 1, 2, 4, 5].map((id) => [`op${id}.near`, id, { ...info(id), incarnation: id === 1 ? 1 : 0 }]),
    },
    threshold: 3,
  },
  previously_cancelled_resharing_epoch_id: null,
  participants_revision: 1,
}
const CANDIDATES = {
  'zoe.near': { ...info(20), signer_account_pk: key(30) },
  'yan.near': { ...info(21), signer_account_pk: key(31) },
}

function propose(change: Partial<ParameterChange>, state: Json = { Running: RUNNING as unknown as Json }) {
  const nothing = { add: [], remove: [], threshold: undefined, domainThresholds: new Map<bigint, number>() }
  return proposeParameters(parseProtocolState(state), CANDIDATES, { ...nothing, ...change })
}

test('vote-new-parameters - should propose what is live with nothing but the changes', (t) => {
  const { args, joining, leaving, thresholdBefore } = propose({
    add: ['zoe.near', 'yan.near'],
    remove: ['op4.near'],
    threshold: 4,
    domainThresholds: new Map([[0n, 4]]),
  })
  t.deepEqual(args, {
    prospective_epoch_id: 5n,
    proposal: {
      parameters: {
        participants: {
          next_id: 8,
          participants: [
            ...[0, 1, 2, 5].map((id) => [`op${id}.near`, id, { ...info(id), incarnation: id === 1 ? 1n : 0n }]),
            ['yan.near', 6, info(21)],
            ['zoe.near', 7, info(20)],
          ],
        },
        threshold: 4,
      },
      per_domain_thresholds: { 0: 4 },
    },
  })
  t.deepEqual([joining, leaving, thresholdBefore], [['yan.near', 'zoe.near'], ['op4.near'], 3])
})

test('vote-new-parameters - should make the same proposal in whatever order it is asked for', (t) => {
  const one = propose({ add: ['zoe.near', 'yan.near'], remove: ['op5.near', 'op4.near'] })
  t.deepEqual(propose({ add: ['yan.near', 'zoe.near'], remove: ['op4.near', 'op5.near'] }), one)
})

test('vote-new-parameters - should go on from an epoch that was given up', (t) => {
  const cancelled = { Running: { ...RUNNING, previously_cancelled_resharing_epoch_id: 7 } as unknown as Json }
  t.is(propose({}, cancelled).epoch, 8n)
})

test('vote-new-parameters - should be possible while somebody recovers', (t) => {
  const state = { Recovery: { previous_running_state: RUNNING as unknown as Json, recovering: {} } }
  t.is(propose({ remove: ['op5.near'] }, state).epoch, 5n)
})

test('vote-new-parameters - should show the proposal before it is sent', (t) => {
  const vote = propose({ add: ['zoe.near'], remove: ['op4.near'], domainThresholds: new Map([[0n, 2]]) })
  t.is(
    describeVote(vote),
    `proposal for epoch 5: 3 of 5 govern
  stay: op0.near, op1.near, op2.near, op5.near
  join: zoe.near
  leave: op4.near
  key 0: 2 shares sign`,
  )
})

const refused = test.macro({
  exec(t, _what: string, change: Partial<ParameterChange>, words: RegExp) {
    const error = t.throws<HoldfastError>(() => propose(change))
    t.is(error.code, 'PROPOSAL_IMPOSSIBLE')
    t.regex(error.message, words)
  },
  title: (_, what) => `vote-new-parameters - should refuse ${what}, and say what to do`,
})
test(refused, 'to add who is no candidate', { add: ['eve.near'] }, /eve\.near is no candidate: its node must run/)
test(refused, 'to add who takes part', { add: ['op1.near'] }, /op1\.near takes part already/)
test(refused, 'to remove who takes no part', { remove: ['op3.near'] }, /op3\.near does not take part/)
test(refused, 'to remove too many at once', { remove: ['op0.near', 'op1.near', 'op2.near'] }, /at least 3 .* found 2/)
test(refused, 'a threshold below 60 %', { add: ['zoe.near', 'yan.near'] }, /--threshold from 5 to 7/)
test(refused, 'a threshold above n', { remove: ['op5.near'], threshold: 5 }, /--threshold from 3 to 4/)
test(refused, 'a key that is not there', { domainThresholds: new Map([[9n, 3]]) }, /there is no key 9/)
test(refused, 'more shares than decide', { domainThresholds: new Map([[0n, 4]]) }, /4 shares, expected 2 to 3.*0=T/)

test('vote-new-parameters - should refuse while another epoch is prepared, and name the way out', (t) => {
  const resharing_key = {
    epoch_id: 5,
    domain: RUNNING.domains.domains[0],
    parameters: RUNNING.parameters,
    instance: null,
    next_attempt_id: 0,
  }
  const state = {
    Resharing: { previous_running_state: RUNNING, reshared_keys: [], resharing_key, cancellation_requests: [] },
  }
  t.throws(() => propose({}, state as unknown as Json), { message: /epoch 5 .* holdfast vote-cancel-resharing/ })
  t.throws(() => propose({}, 'NotInitialized'), { message: /found NotInitialized/ })
})

test('--domain-threshold - should take ID=THRESHOLD, each id once', (t) => {
  t.deepEqual(
    domainThresholds('1=3', domainThresholds('0=2', undefined)),
    new Map([
      [0n, 2],
      [1n, 3],
    ]),
  )
  for (const text of ['0', '0:3', '0=1', '=3', '-1=3', '0=x']) {
    t.throws(() => domainThresholds(text, undefined), { message: /ID=THRESHOLD/ }, text)
  }
  t.throws(() => domainThresholds('0=3', new Map([[0n, 2]])), { message: /given twice/ })
})
