import test from 'ava'
import type { NodeAuthorization, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { decidePhase, neededFact, type Candidate, type OwnFacts } from '../src/phases/decide-phase.ts'
import { waitsFor } from '../src/phases/describe-phase.ts'
import type { Phase } from '../src/phases/phase.ts'
import {
  initializing,
  KEYS,
  MINE_AND_OTHERS,
  NOW_NS,
  recovery,
  REPLACEABLE,
  resharing,
  running,
} from './support/states.ts'

const OWN: OwnFacts = {
  accountId: 'me.near',
  url: 'http://me.near:3000',
  tlsKey: KEYS.mine,
  signerKey: KEYS.signer,
  tookPart: false,
  concludesAs: undefined,
}
const OTHERS = MINE_AND_OTHERS.slice(1)
const mine = { account: 'me.near', id: 0, key: KEYS.mine, signer: KEYS.signer }
const another = { account: 'me.near', id: 0, key: KEYS.carol, signer: KEYS.signer }
const bob = { account: 'bob.near', id: 1, key: KEYS.other, signer: KEYS.other }

function authorization(tls: Ed25519KeyText, signer: Ed25519KeyText, expiresAt = NOW_NS + 1n): NodeAuthorization {
  return { tls_public_key: tls, signer_account_pk: signer, expires_at: expiresAt }
}
const mineAuthorized = authorization(KEYS.mine, KEYS.signer)

type Row = {
  title: string
  state: ProtocolState
  authorization?: NodeAuthorization
  candidate?: Candidate
  tookPart?: boolean
  concludesAs?: bigint
  kind: Phase['kind']
  says?: RegExp
}
const notInitialized: ProtocolState = { kind: 'NotInitialized' }
const candidate: Candidate = { url: OWN.url, tlsKey: OWN.tlsKey, signerKey: OWN.signerKey }

const ROWS: Row[] = [
  { title: 'no contract yet', state: notInitialized, kind: 'waitingForContract' },
  { title: 'not among the participants', state: running(OTHERS), kind: 'submitCandidate' },
  { title: 'not among the participants, while generating', state: initializing(OTHERS), kind: 'submitCandidate' },
  { title: 'a candidate', state: running(OTHERS), candidate, kind: 'awaitingResharing', says: /vote_new_parameters/ },
  {
    title: 'a candidate under another url',
    state: running(OTHERS),
    candidate: { ...candidate, url: 'http://x:1' },
    kind: 'submitCandidate',
  },
  {
    title: 'a candidate under another key',
    state: running(OTHERS),
    candidate: { ...candidate, tlsKey: KEYS.bob },
    kind: 'submitCandidate',
  },
  { title: 'taken out by a resharing', state: running(OTHERS), tookPart: true, kind: 'submitCandidate' },
  { title: 'a participant in Running', state: running(MINE_AND_OTHERS), kind: 'participating' },
  {
    title: 'a participant in Running, seen before',
    state: running(MINE_AND_OTHERS),
    tookPart: true,
    kind: 'participating',
  },
  {
    title: 'a participant in Initializing',
    state: initializing(MINE_AND_OTHERS),
    kind: 'participating',
    says: /generated/,
  },
  { title: 'a participant in Resharing', state: resharing(MINE_AND_OTHERS), kind: 'participating' },
  { title: 'a participant while another recovers', state: recovery(MINE_AND_OTHERS, [bob]), kind: 'participating' },
  {
    title: 'another key, no authorisation',
    state: running(REPLACEABLE),
    kind: 'waitingForAuthorization',
    says: new RegExp(KEYS.mine),
  },
  {
    title: 'another key, authorised',
    state: running(REPLACEABLE),
    authorization: mineAuthorized,
    kind: 'requestRecovery',
  },
  {
    title: 'another key, authorised, someone recovering',
    state: recovery(REPLACEABLE, [bob]),
    authorization: mineAuthorized,
    kind: 'requestRecovery',
  },
  {
    title: 'another key, authorised, Initializing',
    state: initializing(REPLACEABLE),
    authorization: mineAuthorized,
    kind: 'waitingForRunning',
    says: /Initializing/,
  },
  {
    title: 'another key, authorised, Resharing',
    state: resharing(REPLACEABLE),
    authorization: mineAuthorized,
    kind: 'waitingForRunning',
    says: /Resharing/,
  },
  {
    title: 'an expired authorisation',
    state: running(REPLACEABLE),
    authorization: authorization(KEYS.mine, KEYS.signer, NOW_NS),
    kind: 'waitingForAuthorization',
    says: /expired at 2027/,
  },
  {
    title: "the present node's own authorisation, never used",
    state: running(REPLACEABLE),
    authorization: authorization(KEYS.other, KEYS.bob),
    kind: 'waitingForAuthorization',
    says: new RegExp(`holdfast authorise --tls-key ${KEYS.mine} --signer-key ${KEYS.signer}`),
  },
  {
    title: 'an authorisation of another TLS key',
    state: running(REPLACEABLE),
    authorization: authorization(KEYS.carol, KEYS.signer),
    kind: 'authorizedKeysDiffer',
    says: new RegExp(`${KEYS.carol}.*${KEYS.mine}`),
  },
  {
    title: 'an authorisation of another signer key',
    state: running(REPLACEABLE),
    authorization: authorization(KEYS.mine, KEYS.bob),
    kind: 'authorizedKeysDiffer',
    says: new RegExp(`${KEYS.bob}.*${KEYS.signer}`),
  },
  {
    title: 'recovering as this node',
    state: recovery(REPLACEABLE, [mine]),
    kind: 'awaitingShares',
    says: /backup service/,
  },
  {
    title: 'recovering as this node beside another',
    state: recovery(REPLACEABLE, [mine, bob]),
    kind: 'awaitingShares',
  },
  {
    title: 'recovering as this node under another signer key',
    state: recovery(REPLACEABLE, [{ ...mine, signer: KEYS.bob }]),
    kind: 'authorizedKeysDiffer',
    says: new RegExp(`${KEYS.bob}.*${KEYS.signer}`),
  },
  {
    title: 'an expired recovery of this node, still authorised',
    state: recovery(REPLACEABLE, [{ ...mine, expiresAt: NOW_NS }]),
    authorization: mineAuthorized,
    kind: 'requestRecovery',
  },
  {
    title: 'an expired recovery of this node, no longer authorised',
    state: recovery(REPLACEABLE, [{ ...mine, expiresAt: NOW_NS }]),
    kind: 'waitingForAuthorization',
  },
  {
    title: 'the current node while another recovers for its account',
    state: recovery(MINE_AND_OTHERS, [another]),
    kind: 'superseded',
  },
  {
    title: 'the current node after such a recovery expired',
    state: recovery(MINE_AND_OTHERS, [{ ...another, expiresAt: NOW_NS }]),
    tookPart: true,
    kind: 'participating',
  },
  {
    title: 'a former node while another recovers',
    state: recovery(REPLACEABLE, [another]),
    tookPart: true,
    kind: 'superseded',
  },
  { title: 'a former node', state: running(REPLACEABLE), tookPart: true, kind: 'superseded' },
  {
    title: 'a former node that is authorised',
    state: running(REPLACEABLE),
    authorization: mineAuthorized,
    tookPart: true,
    kind: 'superseded',
  },
  { title: 'a former node in Initializing', state: initializing(REPLACEABLE), tookPart: true, kind: 'superseded' },
  { title: 'a former node in Resharing', state: resharing(REPLACEABLE), tookPart: true, kind: 'superseded' },
  {
    title: 'a node that concluded unseen and was replaced',
    state: running(REPLACEABLE.map((member) => ({ ...member, incarnation: 2 }))),
    authorization: mineAuthorized,
    concludesAs: 1n,
    kind: 'superseded',
  },
  {
    title: 'a node that concluded unseen while another recovers for its account',
    state: recovery(
      REPLACEABLE.map((member) => ({ ...member, incarnation: 1 })),
      [another],
    ),
    concludesAs: 1n,
    kind: 'superseded',
  },
  {
    title: 'a node whose recovery was cancelled before it concluded',
    state: running(REPLACEABLE),
    concludesAs: 1n,
    kind: 'waitingForAuthorization',
  },
  {
    title: 'a new node while another new one recovers',
    state: recovery(REPLACEABLE, [another]),
    authorization: mineAuthorized,
    kind: 'waitingForOtherRecovery',
    says: /cancel_recovery/,
  },
]

for (const row of ROWS) {
  test(`${row.title} - should be ${row.kind}`, (t) => {
    const phase = decidePhase(
      { ...OWN, tookPart: row.tookPart ?? false, concludesAs: row.concludesAs },
      { state: row.state, nowNs: NOW_NS, authorization: row.authorization ?? null, candidate: row.candidate },
    )
    t.is(phase.kind, row.kind)
    t.regex(waitsFor(phase) ?? '', row.says ?? /.*/)
  })
}

function participating(state: ProtocolState) {
  const phase = decidePhase(OWN, { state, nowNs: NOW_NS, authorization: null, candidate: undefined })
  if (phase.kind !== 'participating') throw new TypeError(phase.kind)
  return phase
}

test('participation - should leave out who is recovering', (t) => {
  const phase = participating(recovery(MINE_AND_OTHERS, [bob]))
  t.deepEqual(
    phase.active.map(({ accountId }) => accountId),
    ['carol.near'],
  )
  t.deepEqual(phase.recovering, ['bob.near'])
  t.is(phase.participantsRevision, 7n)
})

test('participation - should go on with the concluded keys while another is generated', (t) => {
  const phase = participating(initializing(MINE_AND_OTHERS))
  t.deepEqual(
    phase.keyset.domains.map(({ domain_id }) => domain_id),
    [0n],
  )
  t.is(phase.keyset.epoch_id, 4n)
  t.is(phase.work?.event.domain.id, 1n)
})

test('participation - should sign with the previous keys while resharing', (t) => {
  const phase = participating(resharing(MINE_AND_OTHERS))
  t.is(phase.keyset.epoch_id, 4n)
  t.is(phase.work?.kind, 'reshare')
})

test('facts - should be read only where the decision needs them', (t) => {
  t.is(neededFact(OWN, notInitialized, NOW_NS), 'none')
  t.is(neededFact(OWN, running(OTHERS), NOW_NS), 'candidate')
  t.is(neededFact(OWN, running(MINE_AND_OTHERS), NOW_NS), 'none')
  t.is(neededFact(OWN, running(REPLACEABLE), NOW_NS), 'authorization')
  t.is(neededFact(OWN, recovery(REPLACEABLE, [mine]), NOW_NS), 'none')
  t.is(neededFact(OWN, recovery(REPLACEABLE, [{ ...mine, expiresAt: NOW_NS }]), NOW_NS), 'authorization')
})
