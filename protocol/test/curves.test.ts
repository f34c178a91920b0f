import { randomBytes } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { CURVE_FACTS } from '../src/curves.ts'

const { decode } = CURVE_FACTS.Secp256k1

function decoded(decoder: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string {
  try {
    return (decoder(bytes) as InstanceType<typeof secp256k1.Point>).toHex(false)
  } catch {
    return 'refused'
  }
}

test("a secp256k1 point - should be decoded by OpenSSL exactly as by noble's own arithmetic, or refused by both", (t) => {
  const first = fc.constantFrom(0, 2, 3, 4, 6, 7)
  const rest = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const outcomes = new Set<boolean>()
  fc.assert(
    fc.property(first, rest, (head, tail) => {
      const bytes = Uint8Array.of(head, ...tail)
      const expected = decoded((each) => secp256k1.Point.fromBytes(each), bytes)
      outcomes.add(expected === 'refused')
      return decoded(decode, bytes) === expected
    }),
    {
      numRuns: 100,
      examples: [
        [2, new Uint8Array(32).fill(255)],
        [3, new Uint8Array(32)],
      ],
    },
  )
  t.is(outcomes.size, 2)
})

test('a secp256k1 point in a longer form - should be refused', (t) => {
  const point = secp256k1.Point.BASE.multiply(BigInt(`0x${randomBytes(31).toString('hex')}`) + 1n)
  t.throws(() => decode(point.toBytes(false)))
  t.throws(() => decode(Uint8Array.of(0)))
})
