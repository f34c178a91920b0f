import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { compileContract } from '../near-vm/test/support/contract.ts'
import { hashText, sha256, utf8 } from '../src/primitives/bytes.ts'
import { openEngine } from '../src/vm/open-engine.ts'
import { CONTEXT } from './support/engine-suite.ts'
import { testWithNearVm } from './support/near-vm.ts'

const RECORD_BYTES = 57
const RECORDS_MAX = 8
const DATA_AT = 1 + RECORDS_MAX * RECORD_BYTES
const U64_MAX = 2n ** 64n - 1n

const digest = sha256(utf8('a message'))
/** What scripts point at: good and bad account ids, texts, keys, amounts, signatures. */
const ITEMS = [
  utf8('alice.near'),
  utf8('contract.near'),
  utf8('No Account'),
  utf8('ab'.repeat(32)),
  utf8('ä text, 😀, "quoted"\\\n'),
  Uint8Array.of(0xff, 0xfe, 0x00),
  new Uint8Array(Buffer.from('a text in UTF-16', 'utf16le')),
  Uint8Array.of(0, ...digest),
  Uint8Array.of(1, ...digest, ...digest),
  digest,
  secp256k1.sign(digest, digest, { prehash: false }),
  new Uint8Array(16),
  Uint8Array.of(7, ...new Uint8Array(15)),
  new Uint8Array(16).fill(0xff),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
  utf8('k'),
  new Uint8Array(0),
]
const DATA = new Uint8Array(Buffer.concat(ITEMS))
const spans = ITEMS.map((item, index) => {
  const offset = ITEMS.slice(0, index).reduce((sum, { length }) => sum + length, 0)
  return { length: BigInt(item.length), pointer: (0xa5a5n << 48n) | BigInt(DATA_AT + offset) }
})

const register = fc.bigInt(0n, 5n)
const promise = fc.bigInt(0n, 4n)
const gas = fc.constantFrom(0n, 1_000_000_000_000n, 200_000_000_000_000n, U64_MAX)
const small = fc.bigInt(0n, 4n)
const amount = fc.constantFrom(...spans.slice(11, 14).map(({ pointer }) => pointer))
/** Bytes by length and pointer, or a register's: mostly something that is there. */
const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...spans).map(({ length, pointer }) => [length, pointer]) },
  { weight: 1, arbitrary: register.map((id) => [U64_MAX, id]) },
)
/** A method's: one that is no UTF-8 is the node's runtime's affair, not the VM's. */
const name = fc.constantFrom(...spans.slice(0, 5).map(({ length, pointer }) => [length, pointer]))
const wild = fc.constantFrom(0n, 1n, 16n, 100n, 20_000n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 63n, U64_MAX)

/** The operations of script.c and what their numbers are. */
const SIGNATURES: readonly (readonly (fc.Arbitrary<bigint> | fc.Arbitrary<bigint[]>)[])[] = [
  [register, amount],
  [register],
  [register, bytes],
  ...[3, 4, 5, 6, 7].map(() => [register]),
  ...[8, 9, 10, 11].map(() => []),
  ...[12, 13, 14].map(() => [amount]),
  [],
  [register],
  ...[17, 18, 19, 20].map(() => [bytes, register]),
  [bytes, bytes, small, small, register],
  [bytes, bytes, bytes],
  ...[23, 24, 25, 26].map(() => [bytes]),
  [bytes, bytes, register],
  [bytes, register],
  [bytes, register],
  [bytes],
  [bytes],
  [promise, bytes],
  [fc.constant(spans[14]?.pointer ?? 0n), small],
  [promise],
  [promise, amount],
  [promise, name, bytes, amount, gas],
  [promise, bytes],
  [promise, bytes, small],
  [promise, bytes],
  [promise, bytes],
  [],
  [small, register],
  [promise],
]

const record = fc.nat(SIGNATURES.length - 1).chain((operation) =>
  fc.record({
    operation: fc.constant(operation),
    numbers: fc
      .tuple(...(SIGNATURES[operation] ?? []).map((kind) => (kind as fc.Arbitrary<bigint | bigint[]>).map((n) => n)))
      .map((numbers) => numbers.flat()),
    // Now and then one of them is something else entirely.
    wild: fc.option(fc.tuple(fc.nat(6), wild), { freq: 8, nil: undefined }),
  }),
)

function encode(records: readonly { operation: number; numbers: bigint[]; wild: [number, bigint] | undefined }[]) {
  const script = new Uint8Array(DATA_AT + DATA.length)
  const view = new DataView(script.buffer)
  script[0] = records.length
  script.set(DATA, DATA_AT)
  for (const [index, { operation, numbers, wild: changed }] of records.entries()) {
    const at = 1 + RECORD_BYTES * index
    script[at] = operation
    for (const [place, number] of numbers.entries()) view.setBigUint64(at + 1 + 8 * place, number, true)
    if (changed !== undefined) view.setBigUint64(at + 1 + 8 * changed[0], changed[1], true)
  }
  return script
}

testWithNearVm(
  'host functions - should do on V8 what they do on NEAR’s VM, whatever they are called with',
  async (t) => {
    t.timeout(180_000)
    const wasm = compileContract('script.c')
    const code = { wasm, hash: hashText(wasm) }
    const engines = openEngine('both')
    const ends = new Map<string, number>()
    const storage = new Map([['k', utf8('a value that is there already')]])
    const promiseResults = [{ kind: 'success' as const, data: utf8('a result') }, { kind: 'failed' as const }]
    try {
      fc.assert(
        fc.property(fc.array(record, { minLength: 1, maxLength: RECORDS_MAX }), fc.nat(5), (records, dice) => {
          const context = { ...CONTEXT, storage, promiseResults, isView: dice === 0, attachedDeposit: 3n }
          // Throws where the engines differ.
          const { failure } = engines.run(code, 'run_script', { ...context, input: encode(records) })
          const end =
            failure === null ? 'none' : 'debug' in failure ? (/\((\w+)/.exec(failure.debug)?.[1] ?? '') : failure.kind
          ends.set(end, (ends.get(end) ?? 0) + 1)
        }),
        // The same scripts in every run, so that whoever changes something else is not stopped by a new find.
        { numRuns: 600, seed: 1, includeErrorInReport: true },
      )
    } finally {
      await engines.close()
    }
    t.log([...ends].map(([end, count]) => `${end} ${count}`).join(', '))
    t.true((ends.get('none') ?? 0) > 60)
    t.true(ends.size >= 12)
  },
)
