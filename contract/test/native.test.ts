import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ed25519 } from '@noble/curves/ed25519.js'
import { base58 } from '@scure/base'
import test from 'ava'
import fc from 'fast-check'
import { cryptography } from './support/cryptography.ts'
import { searchJson } from './support/search-json.ts'

/** The contract's C files, compiled for this machine with the compiler's checks for stray memory and undefined behaviour. */
const directory = mkdtempSync(join(tmpdir(), 'holdfast-native-'))
const program = join(directory, 'native')

test.before(() => {
  const native = join(import.meta.dirname, '..', 'native')
  const sources = ['base58.c', 'ed25519.c', 'field25519.c', 'json_text.c'].map((name) => join(native, name))
  const harness = join(import.meta.dirname, 'support', 'native.c')
  const checks = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  execFileSync('cc', ['-O1', '-w', ...checks, harness, ...sources, '-o', program])
})

test.after.always(() => rmSync(directory, { recursive: true, force: true }))

function ask(questions: string[]): string[] {
  return execFileSync(program, { input: questions.map((line) => `${line}\n`).join(''), encoding: 'utf8' }).split('\n')
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('ed25519 - should classify as the library does: prime order, small order, off the curve, not canonical', (t) => {
  const torsion = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
  const edge = Array.from({ length: 40 }, (_, i) => {
    // around 0 and around p, both signs of x
    const y = i < 20 ? BigInt(i >> 1) : 2n ** 255n - 19n + BigInt((i >> 1) - 12)
    return Uint8Array.from(
      { length: 32 },
      (_, at) => Number((y >> BigInt(8 * at)) & 255n) | (at === 31 ? (i & 1) << 7 : 0),
    )
  })
  // of every order there is: L, 2 L, 4 L and 8 L
  const points = fc.sample(fc.bigInt(1n, 2n ** 252n), 16).flatMap((scalar) => {
    const point = ed25519.Point.BASE.multiply(scalar)
    return Array.from({ length: 8 }, (_, i) => point.add(torsion.multiplyUnsafe(BigInt(i))).toBytes())
  })
  const small = Array.from({ length: 8 }, (_, i) => torsion.multiplyUnsafe(BigInt(i)).toBytes())
  const random = fc.sample(fc.uint8Array({ minLength: 32, maxLength: 32 }), 100)
  const all = [...edge, ...small, ...points, ...random]
  const answers = ask(all.map((bytes) => `point ${hex(bytes)}`))
  const found = new Set<number>()
  for (const [index, bytes] of all.entries()) {
    const expected = cryptography.classifyEd25519(bytes)
    found.add(expected)
    t.is(answers[index], `${expected} ${cryptography.isEd25519Key(bytes) ? 1 : 0}`, hex(bytes))
  }
  t.deepEqual([...found].sort(), [0, 1, 2])
})

test('base58 - should agree with the library both ways', (t) => {
  const bytes = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 93 }), fc.nat(3))
    .map(([random, zeros]) => new Uint8Array([...new Array<number>(zeros).fill(0), ...random]))
  const pairs = fc.sample(bytes, 300).flatMap((value): [question: string, answer: string][] => {
    const text = base58.encode(value)
    const n = value.length
    return [
      [`encode ${hex(value)}`, text],
      [`decode ${n} ${text}`, hex(value)],
      [`decode ${n + 1} ${text}`, 'none'],
      [`decode ${n} 1${text}`, 'none'],
    ]
  })
  t.deepEqual(ask(pairs.map(([question]) => question)), [...pairs.map(([, answer]) => answer), ''])
  const bad = ['0', 'O', 'I', 'l', ' ', 'é', '', 'z'.repeat(200)].flatMap((text) =>
    [1, 32, 96].map((n) => `decode ${n} ${text}`),
  )
  t.deepEqual(ask(bad), [...bad.map(() => 'none'), ''])
})

test('json - should find members and rows as a parser does', (t) => {
  const word = fc.constantFrom('a.near', 'b.near', 'url', 'x', 'a-longer.name', 'q"uote', 'back\\slash')
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(word, tie('value'), { maxKeys: 4 }),
    ),
  }))
  const rows = fc.array(fc.tuple(word, value), { maxLength: 5 })
  // Names with escapes are never looked for.
  const sought = fc.constantFrom('a.near', 'b.near', 'url', 'x', 'a-longer.name', 'a')
  const questions = fc
    .sample(fc.tuple(fc.dictionary(word, value, { maxKeys: 6 }), rows, sought), 300)
    .flatMap(([object, list, name]): [question: string, answer: string][] => {
      const [member, row] = [JSON.stringify(object), JSON.stringify({ next_id: 3, list })]
      const from = row.indexOf('[')
      return [
        [`member ${name} ${member}`, searchJson.jsonMember(member, name)?.join(' ') ?? 'none'],
        [`row ${name} ${from} ${row}`, searchJson.jsonRow(row, name, from)?.join(' ') ?? 'none'],
        [`contains ${name} ${member}`, searchJson.contains(member, name) ? '1' : '0'],
      ]
    })
  t.deepEqual(ask(questions.map(([question]) => question)), [...questions.map(([, answer]) => answer), ''])
  t.true(questions.filter(([question, answer]) => question.startsWith('row') && answer !== 'none').length > 20)
})
