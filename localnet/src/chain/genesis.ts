import { ZERO_HASH } from '../primitives/bytes.ts'
import type { PublicKey } from '../primitives/public-key.ts'
import { ACCOUNT_BYTES } from '../runtime/fees.ts'
import { emptyAccount, keyStorage } from '../runtime/accounts.ts'
import type { Snapshot } from '../state/world.ts'
import type { AccessKey } from '../transaction/action.ts'
import { sealBlock, type Block } from './block.ts'

export const ROOT_ACCOUNT = 'test.near'
const NEAR = 10n ** 24n
const ROOT_AMOUNT = 1_000_000_000n * NEAR
const ROOT_LOCKED = 50_000_000n * NEAR
/** Everything there is: the root account, and the like of it that a real sandbox gives to its other account. */
export const TOTAL_SUPPLY = 2_050_000_000n * NEAR
const SECOND_ACCOUNT = 'near'

/** The state a chain starts with: as the official sandbox's, the root account, and `near` with the same key. */
function genesisState(rootKey: PublicKey): Snapshot {
  const access: AccessKey = { nonce: 0n, permission: { kind: 'full' } }
  const account = {
    ...emptyAccount(ROOT_AMOUNT),
    storageUsage: ACCOUNT_BYTES + keyStorage(rootKey, access),
    keys: new Map([[rootKey.text, access]]),
  }
  return new Map([
    [ROOT_ACCOUNT, { ...account, locked: ROOT_LOCKED }],
    [SECOND_ACCOUNT, account],
  ])
}

export function genesisBlock(rootKey: PublicKey, timestamp: bigint, seed: Uint8Array): Block {
  const facts = {
    height: 0,
    ordinal: 1,
    prevHash: ZERO_HASH,
    prevHeight: null,
    timestamp,
    gasUsed: 0,
    tokensBurnt: 0n,
    hasTransactions: false,
    state: genesisState(rootKey),
  }
  return sealBlock(facts, seed)
}
