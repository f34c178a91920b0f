import { randomBytes } from 'node:crypto'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { TransactionAction } from '@holdfast/protocol/rpc/transaction-actions.ts'
import { publicKeyOfSeed } from '@holdfast/protocol/seed-key.ts'

const NEAR = 10n ** 24n
/** What a new account is given. It pays for the storage of the contract, about 6 NEAR, many times over. */
export const ACCOUNT_BALANCE = 100n * NEAR

export type Key = { seed: Uint8Array; publicKey: Ed25519KeyText }

export function newKey(): Key {
  const seed = new Uint8Array(randomBytes(32))
  return { seed, publicKey: publicKeyOfSeed(seed) }
}

/** Creates an account with one full-access key; sent to its id by an account above it. */
export function createAccountActions(publicKey: Ed25519KeyText): TransactionAction[] {
  return [
    { kind: 'createAccount' },
    { kind: 'transfer', yocto: ACCOUNT_BALANCE },
    { kind: 'addFullAccessKey', publicKey },
  ]
}
