import test from 'ava'
import fc from 'fast-check'
import { agreedAnswer, candidateBlocks, contradictingHeads, headsSuffice, type Head } from '../src/rpc/agreement.ts'
import type { BlockReference } from '../src/rpc/ports.ts'

function block(height: number, hash = `h${height}`): BlockReference {
  return { height: BigInt(height), hash, timestampMs: height }
}
const heads = (...blocks: BlockReference[]): Head[] => blocks.map((b, endpoint) => ({ endpoint, block: b }))
const heights = (blocks: BlockReference[]) => blocks.map(({ height }) => Number(height))

test('candidates - should be the blocks that a quorum has reached, newest first', (t) => {
  const found = heads(block(101), block(100), block(103))
  t.deepEqual(heights(candidateBlocks(found, 2)), [101, 100])
  t.deepEqual(heights(candidateBlocks(found, 1)), [103, 101, 100])
  t.deepEqual(heights(candidateBlocks(found, 3)), [100])
  t.deepEqual(heights(candidateBlocks(found, 4)), [])
})

test('candidates - should not be moved by one head in the clouds, nor by one that lags', (t) => {
  t.deepEqual(heights(candidateBlocks(heads(block(9e12), block(100), block(100)), 2)), [100])
  t.is(heights(candidateBlocks(heads(block(3), block(100), block(100)), 2))[0], 100)
})

test('candidates - should never lie below the floor, which stands in for them', (t) => {
  t.deepEqual(candidateBlocks(heads(block(90), block(90)), 2, block(100)), [block(100)])
  t.deepEqual(heights(candidateBlocks(heads(block(101), block(101), block(90)), 2, block(100))), [101, 100])
})

test('candidates - should not hold another block of the height of the floor', (t) => {
  t.deepEqual(candidateBlocks(heads(block(100, 'other'), block(100, 'other')), 2, block(100)), [block(100)])
})

test('heads - should be waited for while the choice is far behind the newest, or below the floor', (t) => {
  t.false(headsSuffice(heads(block(100)), 2))
  t.true(headsSuffice(heads(block(100), block(101)), 2))
  t.false(headsSuffice(heads(block(100), block(200)), 2))
  t.false(headsSuffice(heads(block(100), block(101)), 2, block(101)))
})

test('contradicting heads - should be those that name different blocks of one height', (t) => {
  t.deepEqual(contradictingHeads(heads(block(100), block(100, 'x'), block(101))), [0, 1])
  t.deepEqual(contradictingHeads(heads(block(100), block(100), block(101))), [])
})

test('an answer - should be agreed exactly if a quorum gave it', (t) => {
  const votes = ['a', 'b', 'a'].map((answer, endpoint) => ({ endpoint, answer }))
  t.is(agreedAnswer(votes, 2), 'a')
  t.is(agreedAnswer(votes, 3), undefined)
})

test('fewer liars than the quorum - should never choose a block that no honest endpoint has reached', (t) => {
  const honest = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 5 })
  const lies = fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 1 })
  fc.assert(
    fc.property(honest, lies, (truth, lied) => {
      const found = heads(...truth.map((h) => block(h)), ...lied.map((h) => block(h, 'forged')))
      for (const candidate of candidateBlocks(found, 2)) {
        t.true(candidate.height <= BigInt(Math.max(...truth)))
      }
    }),
  )
})
