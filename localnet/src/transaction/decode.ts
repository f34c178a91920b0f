import { accountIdProblem } from '../primitives/account-id.ts'
import { BorshError, BorshReader } from '../primitives/borsh-reader.ts'
import { sha256, toBase58 } from '../primitives/bytes.ts'
import { curveOf, publicKeyFromBorsh, type Curve, type PublicKey } from '../primitives/public-key.ts'
import type { AccessKey, Action } from './action.ts'

export type Signature = { readonly curve: Curve; readonly bytes: Uint8Array; readonly text: string }

/** A transaction as it came over the wire. */
export type SignedTransaction = {
  readonly signerId: string
  readonly publicKey: PublicKey
  readonly nonce: bigint
  readonly receiverId: string
  readonly blockHash: string
  readonly actions: readonly Action[]
  readonly signature: Signature
  /** SHA-256 of the unsigned part: what the signature signs; in base 58 it is the transaction's name. */
  readonly digest: Uint8Array
  readonly hash: string
  /** Bytes of the signed transaction. */
  readonly size: number
}

function readAccountId(reader: BorshReader): string {
  const text = reader.text()
  const problem = accountIdProblem(text)
  if (problem !== null) throw new BorshError(`invalid value: "${text}", ${problem}`)
  return text
}

function readPublicKey(reader: BorshReader): PublicKey {
  const tag = reader.u8()
  const curve = curveOf(tag)
  if (curve === undefined) throw new BorshError(`unknown key type '${tag}'`)
  return publicKeyFromBorsh(Uint8Array.of(tag, ...reader.bytes(curve.length))) as PublicKey
}

function readSignature(reader: BorshReader): Signature {
  const tag = reader.u8()
  const curve = curveOf(tag)
  if (curve === undefined) throw new BorshError(`unknown key type '${tag}'`)
  const bytes = reader.bytes(curve.name === 'ed25519' ? 64 : 65)
  return { curve, bytes, text: `${curve.name}:${toBase58(bytes)}` }
}

function readAccessKey(reader: BorshReader): AccessKey {
  const nonce = reader.u64()
  const tag = reader.u8()
  switch (tag) {
    case 0:
      return {
        nonce,
        permission: {
          kind: 'call',
          allowance: reader.option(() => reader.u128()),
          receiverId: reader.text(),
          methodNames: reader.list(() => reader.text()),
        },
      }
    case 1:
      return { nonce, permission: { kind: 'full' } }
    default:
      throw new BorshError(`Unexpected variant tag: ${tag}`)
  }
}

/** Kinds of actions of NEAR that this chain does not execute, by their tag. */
const NOT_OFFERED: Readonly<Record<number, string>> = {
  4: 'Stake',
  8: 'Delegate',
  9: 'DeployGlobalContract',
  10: 'UseGlobalContract',
  11: 'DeterministicStateInit',
}

function readAction(reader: BorshReader): Action {
  const tag = reader.u8()
  switch (tag) {
    case 0:
      return { type: 'CreateAccount' }
    case 1:
      return { type: 'DeployContract', code: reader.sequence() }
    case 2:
      return {
        type: 'FunctionCall',
        methodName: reader.text(),
        args: reader.sequence(),
        gas: reader.u64(),
        deposit: reader.u128(),
      }
    case 3:
      return { type: 'Transfer', deposit: reader.u128() }
    case 5:
      return { type: 'AddKey', publicKey: readPublicKey(reader), accessKey: readAccessKey(reader) }
    case 6:
      return { type: 'DeleteKey', publicKey: readPublicKey(reader) }
    case 7:
      return { type: 'DeleteAccount', beneficiaryId: readAccountId(reader) }
    default: {
      const name = NOT_OFFERED[tag]
      throw new BorshError(
        name === undefined ? `Unexpected variant tag: ${tag}` : `the localnet does not offer the action ${name}`,
      )
    }
  }
}

/**
 * Decodes a borsh-encoded signed transaction, version 0 (NEAR protocol specification, transactions).
 * @throws BorshError in the node's words
 */
export function decodeSignedTransaction(bytes: Uint8Array): SignedTransaction {
  const reader = new BorshReader(bytes)
  const signerId = readAccountId(reader)
  const publicKey = readPublicKey(reader)
  const nonce = reader.u64()
  const receiverId = readAccountId(reader)
  const blockHash = toBase58(reader.bytes(32))
  const actions = reader.list(() => readAction(reader))
  const digest = sha256(bytes.subarray(0, reader.offset))
  const signature = readSignature(reader)
  if (!reader.done) throw new BorshError('Not all bytes read')
  return {
    signerId,
    publicKey,
    nonce,
    receiverId,
    blockHash,
    actions,
    signature,
    digest,
    hash: toBase58(digest),
    size: bytes.length,
  }
}
