import test from 'ava'
import type { NodeAuthorization, PendingMigration, ProtocolState } from '@holdfast/protocol/contract-state.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { decidePhase, neededFact } from '../src/phases/decide-phase.ts'
import { waitsFor } from '../src/phases/describe-phase.ts'
import type { Candidate, OwnFacts } from '../src/phases/facts.ts'
import { fateOfTrial } from '../src/phases/fate-of-trial.ts'
import type { Phase } from '../src/phases/phase.ts'
import {
  factsOf,
  initializing,
  KEYS,
  MINE_AND_OTHERS,
  moveTo,
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
  migration?: PendingMigration
  hasBackupService?: boolean
  tookPart?: boolean
  concludesAs?: bigint
  kind: Phase['kind']
  says?: RegExp
  /** What becomes of shares that a planned move brought before. */
  fate?: 'keep' | 'wait' | 'destroy'
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

const toMe = moveTo(KEYS.mine, KEYS.signer)
const toAnother = moveTo(KEYS.carol, KEYS.other)

/** A planned move of the account, in every state of the protocol and beside every other right. */
const MOVES: Row[] = [
  {
    title: 'a planned move to this node',
    state: running(REPLACEABLE),
    migration: toMe,
    kind: 'awaitingShares',
    says: /^the operator's backup service .* planned move.*the present node goes on/,
    fate: 'wait',
  },
  {
    title: 'a planned move to this node without a backup service',
    state: running(REPLACEABLE),
    migration: toMe,
    hasBackupService: false,
    kind: 'awaitingShares',
    says: /holdfast register.*holdfast cancel-migration, then holdfast authorise/,
    fate: 'wait',
  },
  {
    title: 'a planned move to this node, which is authorised to recover too',
    state: running(REPLACEABLE),
    migration: toMe,
    authorization: mineAuthorized,
    kind: 'awaitingShares',
    says: /planned move/,
    fate: 'wait',
  },
  {
    title: 'a planned move back to a former node',
    state: running(REPLACEABLE),
    migration: toMe,
    tookPart: true,
    kind: 'awaitingShares',
    fate: 'wait',
  },
  {
    title: 'a planned move to this node, which concluded unseen and was replaced since',
    state: running(REPLACEABLE.map((member) => ({ ...member, incarnation: 2 }))),
    migration: toAnother,
    concludesAs: 1n,
    kind: 'superseded',
    fate: 'destroy',
  },
  {
    title: 'a planned move to this node under another signer key',
    state: running(REPLACEABLE),
    migration: moveTo(KEYS.mine, KEYS.bob),
    kind: 'authorizedKeysDiffer',
    says: new RegExp(`${KEYS.bob}.*${KEYS.signer}.*holdfast migrate`),
    fate: 'destroy',
  },
  {
    title: 'a planned move to this node under another TLS key',
    state: running(REPLACEABLE),
    migration: moveTo(KEYS.carol, KEYS.signer),
    kind: 'authorizedKeysDiffer',
    says: new RegExp(`${KEYS.carol}.*${KEYS.mine}.*holdfast migrate`),
    fate: 'destroy',
  },
  {
    title: 'a planned move to another node',
    state: running(REPLACEABLE),
    migration: toAnother,
    kind: 'waitingForAuthorization',
    says: new RegExp(`${KEYS.other}, and is about to move to the one with TLS key ${KEYS.carol}`),
    fate: 'destroy',
  },
  {
    title: 'a planned move to another node, while this one is authorised to recover',
    state: running(REPLACEABLE),
    migration: toAnother,
    authorization: mineAuthorized,
    kind: 'requestRecovery',
    fate: 'wait',
  },
  {
    title: 'a planned move to this node, given up',
    state: running(REPLACEABLE),
    kind: 'waitingForAuthorization',
    fate: 'destroy',
  },
  {
    title: 'a planned move back to a former node, given up',
    state: running(REPLACEABLE),
    tookPart: true,
    kind: 'superseded',
    fate: 'destroy',
  },
  {
    title: 'a planned move to this node, whose account has left',
    state: running(OTHERS),
    migration: toMe,
    kind: 'submitCandidate',
    fate: 'destroy',
  },
  ...(['Initializing', 'Resharing', 'Recovery'] as const).map((kind): Row => ({
    title: `a planned move to this node in ${kind}`,
    state: {
      Initializing: initializing(REPLACEABLE),
      Resharing: resharing(REPLACEABLE),
      Recovery: recovery(REPLACEABLE, [bob]),
    }[kind],
    migration: toMe,
    authorization: mineAuthorized,
    kind: 'waitingForRunning',
    says: new RegExp(`it is ${kind}, in which no planned move can be concluded`),
    fate: 'wait',
  })),
  {
    title: 'a planned move to this node after a recovery that has expired',
    state: recovery(REPLACEABLE, [{ ...another, expiresAt: NOW_NS }]),
    migration: toMe,
    kind: 'awaitingShares',
    says: /planned move/,
    fate: 'wait',
  },
  {
    title: 'a planned move to this node while the account recovers as another',
    state: recovery(REPLACEABLE, [another]),
    migration: toMe,
    kind: 'waitingForOtherRecovery',
    fate: 'destroy',
  },
  {
    title: 'a planned move to this node while the account recovers as this one',
    state: recovery(REPLACEABLE, [mine]),
    migration: toMe,
    kind: 'awaitingShares',
    says: /^the operator's backup service to bring the key shares, then/,
    fate: 'keep',
  },
  {
    title: 'a planned move to another node while the account recovers as this one',
    state: recovery(REPLACEABLE, [mine]),
    migration: toAnother,
    kind: 'awaitingShares',
    fate: 'keep',
  },
  ...(['Running', 'Initializing', 'Resharing', 'Recovery'] as const).map((kind): Row => ({
    title: `the present node before a planned move, in ${kind}`,
    state: {
      Running: running(MINE_AND_OTHERS),
      Initializing: initializing(MINE_AND_OTHERS),
      Resharing: resharing(MINE_AND_OTHERS),
      Recovery: recovery(MINE_AND_OTHERS, [bob]),
    }[kind],
    migration: toAnother,
    tookPart: true,
    kind: 'participating',
    fate: 'keep',
  })),
  {
    title: 'the present node before a planned move while its account recovers as another',
    state: recovery(MINE_AND_OTHERS, [another]),
    migration: moveTo(KEYS.other, KEYS.other),
    kind: 'superseded',
    fate: 'destroy',
  },
  {
    title: 'the node before, once the planned move is concluded',
    state: running(REPLACEABLE),
    tookPart: true,
    kind: 'superseded',
    fate: 'destroy',
  },
]

for (const row of [...ROWS, ...MOVES]) {
  test(`${row.title} - should be ${row.kind}`, (t) => {
    const phase = decidePhase(
      { ...OWN, tookPart: row.tookPart ?? false, concludesAs: row.concludesAs },
      factsOf(row.state, {
        authorization: row.authorization ?? null,
        candidate: row.candidate,
        migration: row.migration ?? null,
        hasBackupService: row.hasBackupService ?? true,
      }),
    )
    t.is(phase.kind, row.kind)
    t.regex(waitsFor(phase) ?? '', row.says ?? /.*/)
    if (row.fate !== undefined) t.is(fateOfTrial(phase), row.fate)
  })
}

function participating(state: ProtocolState, migration: PendingMigration | null = null) {
  const phase = decidePhase(OWN, factsOf(state, { migration }))
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

test('participation - should name the node that takes its place, and nobody as in need of help', (t) => {
  const phase = participating(running(MINE_AND_OTHERS), toAnother)
  t.is(phase.successor?.tls_public_key, KEYS.carol)
  t.deepEqual(phase.recoveringNodes, [])
  t.regex(waitsFor(phase) ?? '', new RegExp(`${KEYS.carol} to be concluded; this one goes on`))
  t.is(waitsFor(participating(initializing(MINE_AND_OTHERS), toAnother)), 'a key to be generated')
})

test('claim - should be the recovery where both are there, with the others as helpers', (t) => {
  const both = decidePhase(OWN, factsOf(recovery(REPLACEABLE, [mine]), { migration: toMe }))
  t.like(both, { kind: 'awaitingShares', claim: 'recovery', participantId: 0, requestedAt: NOW_NS - 1n })
  t.is(both.kind === 'awaitingShares' && both.claim === 'recovery' ? both.helpers.length : 0, 2)
  const move = decidePhase(OWN, factsOf(running(REPLACEABLE), { migration: toMe }))
  t.like(move, { kind: 'awaitingShares', claim: 'migration', participantId: 0 })
  t.false('helpers' in move)
})

test('facts - should be read only where the decision needs them', (t) => {
  const needed = (state: ProtocolState, migration: PendingMigration | null = null) =>
    neededFact(OWN, factsOf(state, { migration }))
  t.is(needed(notInitialized), 'none')
  t.is(needed(running(OTHERS)), 'candidate')
  t.is(needed(running(MINE_AND_OTHERS)), 'none')
  t.is(needed(running(REPLACEABLE)), 'authorization')
  t.is(needed(recovery(REPLACEABLE, [mine])), 'none')
  t.is(needed(recovery(REPLACEABLE, [{ ...mine, expiresAt: NOW_NS }])), 'authorization')
  t.is(needed(running(REPLACEABLE), toMe), 'none')
  t.is(needed(running(REPLACEABLE), toAnother), 'authorization')
})
