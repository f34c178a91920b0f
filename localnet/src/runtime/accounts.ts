import { isNearImplicit, isSubAccountOf, isTopLevel } from '../primitives/account-id.ts'
import { publicKeyFromBorsh, type PublicKey } from '../primitives/public-key.ts'
import type { AccountState } from '../state/world.ts'
import type { AccessKey } from '../transaction/action.ts'
import type { ErrorJson } from './errors.ts'
import { ACCOUNT_BYTES, RECORD_BYTES } from './fees.ts'
import { NONCE_RANGE } from './validate-transaction.ts'

const MIN_TOP_LEVEL_LENGTH = 65
const REGISTRAR = 'registrar'

/** Bytes of an access key in borsh. */
function accessKeySize({ permission }: AccessKey): number {
  if (permission.kind === 'full') return 9
  const names = permission.methodNames.reduce((total, name) => total + 4 + Buffer.byteLength(name), 4)
  return 9 + 1 + (permission.allowance === null ? 0 : 16) + 4 + Buffer.byteLength(permission.receiverId) + names
}

/** What a key adds to an account's storage. */
export const keyStorage = (key: PublicKey, access: AccessKey): number =>
  key.borsh.length + accessKeySize(access) + RECORD_BYTES

/** A new key's first nonce: high enough that no old transaction fits it again. */
export const initialNonce = (blockHeight: number): bigint => BigInt(blockHeight - 1) * NONCE_RANGE

export const emptyAccount = (amount: bigint): AccountState => ({
  amount,
  locked: 0n,
  storageUsage: ACCOUNT_BYTES,
  code: null,
  keys: new Map(),
  data: new Map(),
})

/** Why `predecessor` may not create `id`; null when he may. */
export function creationProblem(id: string, predecessor: string): ErrorJson | null {
  if (isTopLevel(id)) {
    return id.length < MIN_TOP_LEVEL_LENGTH && predecessor !== REGISTRAR
      ? {
          CreateAccountOnlyByRegistrar: {
            account_id: id,
            registrar_account_id: REGISTRAR,
            predecessor_id: predecessor,
          },
        }
      : null
  }
  return isSubAccountOf(id, predecessor)
    ? null
    : { CreateAccountNotAllowed: { account_id: id, predecessor_id: predecessor } }
}

/** The account a first transfer to an implicit id makes: its name is its only key. */
export function implicitAccount(id: string, amount: bigint, blockHeight: number): AccountState {
  if (!isNearImplicit(id)) throw new TypeError(`${id} is no implicit account`)
  const key = publicKeyFromBorsh(Uint8Array.of(0, ...Buffer.from(id, 'hex'))) as PublicKey
  const access: AccessKey = { nonce: initialNonce(blockHeight), permission: { kind: 'full' } }
  return {
    ...emptyAccount(amount),
    storageUsage: ACCOUNT_BYTES + keyStorage(key, access),
    keys: new Map([[key.text, access]]),
  }
}
