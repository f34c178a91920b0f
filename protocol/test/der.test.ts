import test from 'ava'
import { der, derElements, derUnsignedInteger } from '../src/der.ts'
import { fromHex } from './support/vectors.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

for (const [number, expected] of [
  ['00', '020100'],
  ['7f', '02017f'],
  ['80', '02020080'],
  ['0001', '020101'],
  ['00ff12', '020300ff12'],
] as const) {
  test(`the integer ${number} - should be minimal and not negative`, (t) =>
    t.is(hex(derUnsignedInteger(fromHex(number))), expected))
}

for (const [length, prefix] of [
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65_536, '0483010000'],
] as const) {
  test(`${length} bytes - should have the shortest length, and come back`, (t) => {
    const content = new Uint8Array(length).fill(1)
    const encoded = der(0x04, content)
    t.is(hex(encoded.subarray(0, prefix.length / 2)), prefix)
    t.deepEqual(
      derElements(encoded).map((element) => [element.tag, element.content.length]),
      [[4, length]],
    )
  })
}

for (const broken of ['04', '0405aabb', '048180', '0485ffffffffff00', '0484ffffffff']) {
  test(`the bytes ${broken} - should be refused`, (t) => {
    t.throws(() => derElements(fromHex(broken)), { instanceOf: RangeError })
  })
}
