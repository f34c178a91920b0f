import test from 'ava'
import fc from 'fast-check'
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/curves/utils.js'
import { meshForAttempt, type KeyEventFailure } from '../src/key-events/ask-participant.ts'
import { createBroadcast, type Broadcast } from '../src/key-events/broadcast.ts'
import { createEchoes, type Echoes } from '../src/key-events/echo.ts'
import type { HandleRequest } from '../src/mesh/guest.ts'
import { attemptRequestOf } from '../src/key-events/attempt-sessions.ts'
import { dealersOf } from '../src/resharing/dealers.ts'
import { combine, deal, faultOf, isPure, type DealtShare } from '../src/resharing/dealing.ts'
import { RESHARE_DEALT } from '../src/resharing/messages.ts'
import { reshareKey } from '../src/resharing/reshare-key.ts'
import { createDealerSessions, type DealerSessions } from '../src/resharing/sessions.ts'
import { isOnPolynomial } from '../src/signing/group.ts'
import { SIGN_COMMIT } from '../src/signing/messages.ts'
import { joinNodes, openMeshNode, type MeshNode } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'
import { keyForDomain, knownKey, shareOf, type KnownKey } from './support/shares.ts'

const { Point } = ed25519
const { Fn } = Point

/** A key of which `threshold` shares reconstruct. */
function keyOf(threshold: number): KnownKey {
  return knownKey(0, { coefficients: Array.from({ length: threshold }, (_, k) => BigInt(k + 2) ** 90n) })
}

/** What each recipient gets when the dealers hand the key on. */
function handOn(key: KnownKey, dealers: number[], recipients: number[], threshold: number): DealtShare[] {
  const dealings = dealers.map((id) => deal(shareOf(key, id).privateShare, id, dealers, threshold))
  return recipients.map((id) =>
    combine(dealings.map(({ commitments, shareFor }) => ({ commitments, share: shareFor(id) }))),
  )
}

/** The secret that shares at these ids reconstruct, by Lagrange's formula. */
function reconstruct(shares: Uint8Array[], ids: number[]): bigint {
  return shares.reduce((sum, share, i) => {
    const x = BigInt(ids[i]! + 1)
    const lambda = ids.reduce((product, id, j) => {
      const other = BigInt(id + 1)
      return i === j ? product : Fn.mul(product, Fn.mul(other, Fn.inv(Fn.sub(other, x))))
    }, 1n)
    return Fn.add(sum, Fn.mul(lambda, Fn.fromBytes(share)))
  }, 0n)
}

test('resharing - should hand the same key on to any set under any threshold', (t) => {
  const sets = fc.record({
    old: fc.integer({ min: 1, max: 4 }),
    dealers: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }),
    recipients: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 3, maxLength: 6 }),
    threshold: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(sets, ({ old, dealers, recipients, threshold }) => {
      const key = keyOf(old)
      const parts = handOn(key, dealers.slice(0, old), recipients, threshold)
      t.is(new Set(parts.map(({ commitments }) => commitments.join())).size, 1)
      const { commitments } = parts[0]!
      t.is(commitments.length, threshold)
      t.is(commitments[0], keyForDomain(key).commitments?.[0])
      const points = commitments.map((point) => Buffer.from(point, 'hex'))
      for (const [i, { share }] of parts.entries()) t.true(isOnPolynomial(share, points, recipients[i]!))
      const few = recipients.slice(-threshold)
      t.is(
        reconstruct(
          parts.slice(-threshold).map(({ share }) => share),
          few,
        ),
        key.coefficients[0] ?? 0n,
      )
    }),
    { numRuns: 25 },
  )
})

test('resharing - should make the old shares useless beside the new ones', (t) => {
  const key = keyOf(2)
  const [first] = handOn(key, [0, 1], [0, 1, 2], 2)
  t.notDeepEqual(Buffer.from(first!.share), Buffer.from(shareOf(key, 0).privateShare))
  t.not(reconstruct([first!.share, shareOf(key, 1).privateShare], [0, 1]), key.coefficients[0] ?? 0n)
})

const KEY = keyOf(2)
const OLD = keyForDomain(KEY).commitments ?? []
const EXPECTED = { dealer: 1, self: 4, dealers: [0, 1], threshold: 3, old: OLD }
const TRUE = deal(shareOf(KEY, 1).privateShare, 1, [0, 1], 3)
const dealt = { commitments: TRUE.commitments, share: TRUE.shareFor(4) }
/** A point of order 8, which multiplies away what it is added to in any check that forgets the cofactor. */
const SMALL = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'
const mixed = bytesToHex(Point.fromHex(dealt.commitments[2]!).add(Point.fromHex(SMALL)).toBytes())

for (const [what, wrong, fault] of [
  ['another secret than its own', deal(shareOf(KEY, 2).privateShare, 1, [0, 1], 3), /another secret/],
  ['for another set of dealers', deal(shareOf(KEY, 1).privateShare, 1, [1, 2], 3), /another secret/],
  ['for a smaller threshold', deal(shareOf(KEY, 1).privateShare, 1, [0, 1], 2), /2 commitments, expected 3/],
] as const) {
  test(`dealer that deals ${what} - should be found out`, (t) => {
    t.regex(faultOf({ commitments: wrong.commitments, share: wrong.shareFor(4) }, EXPECTED) ?? '', fault)
  })
}
const FALSE: [string, DealtShare, RegExp][] = [
  ['the share of another recipient', { ...dealt, share: TRUE.shareFor(3) }, /does not fit/],
  ['a share beyond the order', { ...dealt, share: new Uint8Array(32).fill(255) }, /does not fit/],
  [
    'a commitment off the curve',
    { ...dealt, commitments: [...dealt.commitments.slice(0, 2), '02'.repeat(32)] },
    /no point of the curve/,
  ],
]
for (const [what, wrong, fault] of FALSE) {
  test(`dealer that deals ${what} - should be found out`, (t) => {
    t.is(faultOf(dealt, EXPECTED), undefined)
    t.regex(faultOf(wrong, EXPECTED) ?? '', fault)
  })
}

test('dealer that deals a commitment of mixed order - should be found out by the sum', (t) => {
  const wrong = { ...dealt, commitments: [...dealt.commitments.slice(0, 2), mixed] }
  t.true(isPure(combine([dealt, dealt])))
  t.false(isPure(combine([dealt, wrong])))
  t.false(isPure(wrong))
})

test('dealers - should be as many as the old threshold, the same for everyone, and change with the attempt', (t) => {
  t.deepEqual(dealersOf(0n, [7, 0, 3, 1], 2), [0, 1])
  t.deepEqual(dealersOf(1n, [7, 0, 3, 1], 2), [1, 3])
  t.deepEqual(dealersOf(3n, [7, 0, 3, 1], 2), [0, 7])
  t.deepEqual(dealersOf(2n ** 64n - 1n, [1, 0], 2), [0, 1])
  for (const bad of [0, 1, 3, 7]) {
    const attempts = [0n, 1n, 2n, 3n].map((attempt) => dealersOf(attempt, [7, 0, 3, 1], 3))
    t.true(
      attempts.some((dealers) => !dealers?.includes(bad)),
      `participant ${bad} is left out of some attempt`,
    )
  }
  t.is(dealersOf(0n, [1], 2), undefined)
})

test('dealing that is over - should give nothing any more', (t) => {
  const dealing = deal(shareOf(KEY, 1).privateShare, 1, [0, 1], 3)
  dealing.wipe()
  t.throws(() => dealing.shareFor(4), { message: /over/ })
})

const ATTEMPT = { epochId: 5n, domainId: 0n, attemptId: 0n }
const ASK = { signal: new AbortController().signal, timeoutMs: 5_000 }

/** Nodes 0 and 1 hold the key; 2 has left it and 3 is to get a share; all are connected. */
async function dealerNetwork(t: { teardown(fn: () => void): void }, lies: { [id: number]: Lie } = {}) {
  const made = await Promise.all([0, 1, 2, 3].map((id) => openDealer(id, lies[id])))
  const nodes = made.map(({ node }) => node)
  t.teardown(() => nodes.forEach((node) => node.close()))
  joinNodes(nodes, [KEY], 2)
  await eventually('all connections', () => nodes.every(({ mesh }) => mesh.connected().length === 3) || undefined)
  const participants = [0, 1, 3].map((id) => nodes[id]!.participant)
  const stayers = participants.slice(0, 2)
  const previous = { epochId: KEY.epoch, key: keyForDomain(KEY), stayers }
  const reshare = (id: number, signal = ASK.signal) => {
    const oldShare = id === 3 ? undefined : shareOf(KEY, id)
    const { node, sessions, broadcast, echoes } = made[id]!
    const plan = { attempt: ATTEMPT, self: node.participant, participants, threshold: 2, previous, oldShare }
    return reshareKey(
      plan,
      { sessions, broadcast, echo: echoes.begin(ATTEMPT, signal), mesh: meshForAttempt(node.mesh) },
      signal,
    )
  }
  return { made, nodes, reshare }
}

type Dealer = { sessions: DealerSessions; broadcast: Broadcast; echoes: Echoes }
type Lie = (own: Dealer) => [string, HandleRequest][]

async function openDealer(id: number, lie: Lie | undefined): Promise<Dealer & { node: MeshNode }> {
  const own: { parts?: Dealer } = {}
  const node = await openMeshNode(id, {
    handlers(identity) {
      const broadcast = createBroadcast('holdfast.near', identity)
      const parts = { broadcast, sessions: createDealerSessions(), echoes: createEchoes(broadcast) }
      own.parts = parts
      return [...parts.sessions.handlers(), ...parts.echoes.handlers(), ...(lie?.(parts) ?? [])]
    },
  })
  if (own.parts === undefined) throw new TypeError('no handlers were asked for')
  return { node, ...own.parts }
}

test('dealers - should give each recipient its own part, and who is not one nothing', async (t) => {
  const { nodes, reshare } = await dealerNetwork(t)
  const [a, b, d] = await Promise.all([0, 1, 3].map((id) => reshare(id)))
  t.is(new Set([a, b, d].map((stored) => stored?.commitments?.join())).size, 1)
  t.is(new Set([a, b, d].map((stored) => bytesToHex(stored?.share.privateShare ?? new Uint8Array()))).size, 3)
  const request = attemptRequestOf(ATTEMPT)
  const forOne = await nodes[1]!.mesh.ask(0, RESHARE_DEALT, request, ASK)
  t.notDeepEqual(forOne, await nodes[3]!.mesh.ask(0, RESHARE_DEALT, request, ASK))
  await t.throwsAsync(nodes[2]!.mesh.ask(0, RESHARE_DEALT, request, ASK), { message: /node2\.near takes no part/ })
})

test('dealer whose answer is false - should be named', async (t) => {
  const { made, reshare } = await dealerNetwork(t)
  const honest = reshare(0)
  const other = deal(shareOf(KEY, 2).privateShare, 1, [0, 1], 2)
  const { signature } = made[1]!.broadcast.signed(ATTEMPT, 1, other.commitments)
  made[1]!.sessions.begin(ATTEMPT, { dealing: other, signature, recipients: new Set([0, 3]) })
  const failure = { code: 'KEY_EVENT_FAILED', message: /^node1\.near dealt a dealing of another secret/ }
  t.is((await t.throwsAsync<KeyEventFailure>(honest, failure))?.accountId, 'node1.near')
  t.is((await t.throwsAsync<KeyEventFailure>(reshare(3), failure))?.accountId, 'node1.near')
})

test('dealer that deals one polynomial to some and another to others - should be named by everybody', async (t) => {
  const { nodes, reshare } = await dealerNetwork(t, {
    1: ({ broadcast }) => {
      // Both are true dealings of its share: each recipient by itself has nothing to complain of.
      const dealings = [0, 1].map(() => deal(shareOf(KEY, 1).privateShare, 1, [0, 1], 2))
      return [
        [
          RESHARE_DEALT,
          ({ peer }) => {
            const { commitments, shareFor } = dealings[peer.participantId === 3 ? 1 : 0]!
            const { signature } = broadcast.signed(ATTEMPT, 1, commitments)
            return { commitments, signature, share: bytesToHex(shareFor(peer.participantId)) }
          },
        ],
      ]
    },
  })
  t.is(nodes.length, 4)
  const [a, , d] = await Promise.allSettled([0, 1, 3].map((id) => reshare(id)))
  for (const end of [a, d]) {
    const failure = end?.status === 'rejected' ? (end.reason as KeyEventFailure) : undefined
    t.is(failure?.accountId, 'node1.near', failure?.message)
    t.regex(failure?.message ?? '', /signed one package for this node and another for node[013]\.near/)
  }
})

test('attempt that is over - should end the wait for a silent dealer', async (t) => {
  const { reshare } = await dealerNetwork(t)
  const over = new AbortController()
  const waiting = reshare(0, over.signal)
  over.abort(new Error('the contract has ended this attempt'))
  await t.throwsAsync(waiting, { message: /ended this attempt/ })
})

test('newcomer that is connected before it takes part - should get no signature', async (t) => {
  const { nodes } = await dealerNetwork(t)
  const [a] = nodes
  if (a?.phase?.kind !== 'participating') throw new TypeError('no participation')
  a.phase = { ...a.phase, active: a.phase.active.filter(({ participantId }) => participantId !== 3) }
  const request = { session: '00'.repeat(16), epoch_id: 4, domain_id: 0, attempt_id: 0, message: '' }
  await t.throwsAsync(nodes[3]!.mesh.ask(0, SIGN_COMMIT, request, ASK), { message: /node3\.near takes no part/ })
  t.truthy(await nodes[1]!.mesh.ask(0, SIGN_COMMIT, request, ASK))
})
