import { randomBytes } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { allHold, falseClaims, holds, type Claim } from '../src/batch-proof.ts'
import { CURVE_FACTS, type CurvePoint } from '../src/curves.ts'

const CURVES = ['Secp256k1', 'Ed25519'] as const
type Name = (typeof CURVES)[number]

/** Points of order 1, 2, 4 and 8, the identity first. */
const SMALL_ORDER = ED25519_TORSION_SUBGROUP.map((hex) => ed25519.Point.fromHex(hex, true) as CurvePoint)

function trueClaims(name: Name, secrets: readonly bigint[]): Claim[] {
  return secrets.map((secret) => ({ secret, point: CURVE_FACTS[name].multiplyBase(secret) }))
}

function moved(claim: Claim, by: CurvePoint): Claim {
  return { ...claim, point: claim.point.add(by) }
}

function coefficients(count: number): Uint8Array {
  return randomBytes(16 * count)
}

const secrets = (name: Name) => fc.array(fc.bigInt(1n, CURVE_FACTS[name].order - 1n), { minLength: 2, maxLength: 6 })

for (const name of CURVES) {
  const facts = CURVE_FACTS[name]

  test(`a batch of ${name} - should hold where every claim holds, whatever the coefficients`, (t) => {
    fc.assert(
      fc.property(secrets(name), (values) => allHold(trueClaims(name, values), facts, coefficients(values.length))),
      { numRuns: 10 },
    )
    t.true(allHold(trueClaims(name, [1n, facts.order - 1n]), facts, new Uint8Array(32).fill(255)))
  })

  test(`a batch of ${name} - should refuse what the single proof refuses: one wrong, all wrong, errors that cancel`, (t) => {
    const error = fc.bigInt(1n, facts.order - 1n)
    fc.assert(
      fc.property(secrets(name), error, fc.nat(), (values, off, seed) => {
        const honest = trueClaims(name, values)
        const wrong = facts.multiplyBase(off)
        const opposite = facts.multiplyBase(facts.order - off)
        const [a, b] = [seed % honest.length, (seed + 1) % honest.length]
        const attacks = [
          honest.map((claim, at) => (at === a ? moved(claim, wrong) : claim)),
          honest.map((claim) => moved(claim, wrong)),
          honest.map((claim, at) => (at === a ? moved(claim, wrong) : at === b ? moved(claim, opposite) : claim)),
        ]
        for (const claims of attacks) {
          t.false(claims.every((claim) => holds(claim, facts)))
          t.false(allHold(claims, facts, coefficients(claims.length)))
        }
      }),
      { numRuns: 5 },
    )
  })

  test(`two errors of ${name} that cancel - should pass with equal coefficients: they must be unpredictable`, (t) => {
    const [first, second] = trueClaims(name, [5n, 6n]) as [Claim, Claim]
    const claims = [moved(first, facts.multiplyBase(7n)), moved(second, facts.multiplyBase(facts.order - 7n))]
    const equal = Uint8Array.from([...new Uint8Array(16).fill(90), ...new Uint8Array(16).fill(90)])
    t.true(allHold(claims, facts, equal))
    t.false(allHold(claims, facts, coefficients(2)))
  })

  test(`a large batch of ${name} - should name exactly the false claims`, (t) => {
    const values = Array.from({ length: 210 }, (_, i) => BigInt(i) + 1n)
    const claims = trueClaims(name, values)
    t.deepEqual(falseClaims(claims, facts), [])
    const attacked = claims.map((claim, at) => (at === 3 || at === 207 ? moved(claim, facts.multiplyBase(9n)) : claim))
    t.deepEqual(
      falseClaims(attacked, facts).map(({ secret }) => secret),
      [4n, 208n],
    )
  })
}

test('points of small order - should never slip through a batch, alone or cancelling each other', (t) => {
  const facts = CURVE_FACTS.Ed25519
  const honest = trueClaims('Ed25519', [11n, 12n, 13n])
  const choice = fc.integer({ min: 0, max: SMALL_ORDER.length - 1 })
  fc.assert(
    fc.property(fc.tuple(choice, choice, choice), (orders) => {
      const claims = honest.map((claim, at) => moved(claim, SMALL_ORDER[orders[at] ?? 0] as CurvePoint))
      const genuine = orders.every((order) => order === 0)
      t.is(allHold(claims, facts, coefficients(3)), genuine)
    }),
    { numRuns: 20, examples: [[[0, 0, 0]], [[4, 4, 0]], [[4, 0, 0]], [[1, 7, 0]]] },
  )
})

test('a point of order 2 - should vanish from the one sum with an even coefficient: the bits are compared one by one', (t) => {
  const [claim] = trueClaims('Ed25519', [11n]) as [Claim]
  const order2 = SMALL_ORDER.find((point) => !point.is0() && point.double().is0()) as CurvePoint
  const even = new Uint8Array(16).fill(0)
  even[0] = 2
  const primeOrder = { ...CURVE_FACTS.Ed25519, cofactor: 1n }
  t.true(allHold([moved(claim, order2)], primeOrder, even))
  t.false(allHold([moved(claim, order2)], CURVE_FACTS.Ed25519, even))
})
