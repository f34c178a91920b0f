import test from 'ava'
import fc from 'fast-check'
import {
  actions as make,
  createTransaction,
  encodeTransaction,
  KeyPair,
  KeyPairSigner,
  type Action,
  type PublicKey,
} from 'near-api-js'
import { BorshError } from '../src/primitives/borsh-reader.ts'
import { decodeSignedTransaction } from '../src/transaction/decode.ts'
import { isSignatureValid } from '../src/transaction/signature.ts'

const CURVES = ['ed25519', 'secp256k1'] as const

async function signed(key: KeyPair, actions: Action[], publicKey: PublicKey = key.getPublicKey()): Promise<Uint8Array> {
  const transaction = createTransaction('a.near', publicKey, 'b.near', 2n ** 63n, actions, new Uint8Array(32).fill(7))
  const { signedTransaction } = await new KeyPairSigner(key).signTransaction(transaction)
  return new Uint8Array(encodeTransaction(signedTransaction))
}

for (const curve of CURVES) {
  test(`signatures - should be ${curve} over the transaction's hash, and over no other`, async (t) => {
    const bytes = await signed(KeyPair.fromRandom(curve), [make.transfer(5n)])
    t.true(isSignatureValid(decodeSignedTransaction(bytes)))
    const length = curve === 'ed25519' ? 64 : 65
    // One bit anywhere in the amount or in the signature.
    for (const offset of [length + 2, length, 10, 1]) {
      const changed = bytes.slice()
      const at = changed.length - offset
      changed[at] = (changed[at] ?? 0) ^ 1
      let valid: boolean
      try {
        valid = isSignatureValid(decodeSignedTransaction(changed))
      } catch (error) {
        t.true(error instanceof BorshError)
        valid = false
      }
      t.false(valid, `${offset} from the end`)
    }
  })
}

test('transactions - should be read as near-api-js wrote them', async (t) => {
  const key = KeyPair.fromRandom('ed25519')
  const other = KeyPair.fromRandom('secp256k1').getPublicKey()
  const bytes = await signed(key, [
    make.createAccount(),
    make.deployContract(Uint8Array.of(1, 2, 3)),
    make.functionCall('set', Uint8Array.of(9), 2n ** 64n - 1n, 2n ** 128n - 1n),
    make.transfer(1n),
    make.addFullAccessKey(other),
    make.addFunctionCallAccessKey(other, 'c.near', ['x', 'y'], 77n),
    make.deleteKey(other),
    make.deleteAccount('d.near'),
  ])
  const read = decodeSignedTransaction(bytes)
  t.is(read.nonce, 2n ** 63n)
  t.is(read.publicKey.text, key.getPublicKey().toString())
  const [, , call, , , limited, , leave] = read.actions
  t.like(call, { type: 'FunctionCall', methodName: 'set', gas: 2n ** 64n - 1n, deposit: 2n ** 128n - 1n })
  t.like(limited, {
    accessKey: { permission: { kind: 'call', allowance: 77n, receiverId: 'c.near', methodNames: ['x', 'y'] } },
  })
  t.deepEqual(leave, { type: 'DeleteAccount', beneficiaryId: 'd.near' })
})

test('transactions - should be refused when cut anywhere or followed by anything', async (t) => {
  const bytes = await signed(KeyPair.fromRandom('ed25519'), [make.transfer(1n)])
  for (let length = 0; length < bytes.length; length++)
    t.throws(() => decodeSignedTransaction(bytes.subarray(0, length)), { instanceOf: BorshError }, String(length))
  t.throws(() => decodeSignedTransaction(Uint8Array.of(...bytes, 0)), { message: 'Not all bytes read' })
})

test('transactions - should name the action that is not offered', async (t) => {
  const key = KeyPair.fromRandom('ed25519')
  const bytes = await signed(key, [make.stake(1n, key.getPublicKey())])
  t.throws(() => decodeSignedTransaction(bytes), { message: /does not offer the action Stake/ })
})

test('transactions - should be read or refused, whatever the bytes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeSignedTransaction(bytes)
        } catch (error) {
          if (!(error instanceof BorshError)) throw error
        }
      }),
      { numRuns: process.env['SLOW'] === undefined ? 50 : 5_000 },
    ),
  )
})
